"""Ask an engine a question set, score it, and compare it with a run before."""

from qa.evaluation.asking import SYSTEMS as SYSTEMS
from qa.evaluation.asking import Evaluation as Evaluation
from qa.evaluation.asking import evaluate as evaluate
from qa.evaluation.comparison import Comparison as Comparison
from qa.evaluation.comparison import compare as compare
from qa.evaluation.scorecard import Scorecard as Scorecard
from qa.evaluation.scorecard import score as score
