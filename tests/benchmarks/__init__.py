"""Benchmarks, each a command that prints its figures; what a person can mend is told in one line."""

import sys
from types import TracebackType

from qa.errors import VerbatimError


def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write an error that says what to do, or that a path given is not there, as one line; anything else with its trace."""
    if isinstance(error, VerbatimError):
        sys.stderr.write(f"{error}\n")
    elif isinstance(error, FileNotFoundError) and str(error.filename).startswith(tuple(sys.argv[1:])):
        sys.stderr.write(f"{error.filename} does not exist; name the folder or index that holds it\n")
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = tell
