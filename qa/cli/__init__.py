"""The command line. Importing it loads nothing heavy: each command imports what it needs when it runs."""

from qa.cli import asking as asking
from qa.cli import collecting as collecting
from qa.cli import evaluating as evaluating
from qa.cli import indexing as indexing
from qa.cli import serving as serving
from qa.cli import verifying as verifying
from qa.cli.application import main as main
from qa.cli.application import program as program
