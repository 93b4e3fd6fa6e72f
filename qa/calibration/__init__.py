"""Fit the confidence and its threshold to a user's own labelled questions."""

from qa.calibration.crossvalidation import FALSE_REFUSALS as FALSE_REFUSALS
from qa.calibration.crossvalidation import Fitted as Fitted
from qa.calibration.crossvalidation import check_size as check_size
from qa.calibration.crossvalidation import fit as fit
from qa.calibration.files import to_json as to_json
from qa.calibration.files import undo as undo
from qa.calibration.files import write as write
from qa.calibration.samples import collect as collect
