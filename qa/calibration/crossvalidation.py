"""Fit the confidence and its threshold to a user's own labelled questions, and say what that does.

The weights are drawn toward the shipped ones, as strongly as cross-validation finds best: a set of
fifty questions says something about a dozen features, but not enough to forget what thousands said.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa.calibration.fitting import cheapest_threshold, fit_weights, threshold_for
from qa.calibration.samples import Flags, Sample
from qa.confidence import FEATURES, Calibration, probability
from qa.errors import BadInput
from qa.measures.reliability import calibration_error, separation
from qa.measures.significance import SEED, Values

FALSE_REFUSALS = 0.05
"""Share of answerable questions that may be refused, unless told otherwise."""

LEAST_ANSWERABLE = 30
"""Fewer are not fitted to.

Of 40 draws from squad2's train and tune articles with as many unanswerable questions, 30 lowered the
calibration error of the rest in all (0.114 to 0.079 on average), 20 in 34; at 100 it was 0.064.
"""

LEAST_UNANSWERABLE = 10
LEAST_RIGHT = 10
FOLDS = 5
_LOWER_RANKS = 0.2
"""What a passage after the first weighs in the fit: the surest one's confidence is the answer's, and that is mostly the first."""

_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Penalties tried on squared distance from the shipped weights, per standard deviation of a feature."""


@dataclass(frozen=True)
class Rates:
    """Hold what a confidence and a threshold do to a set: two rates, calibration error, and AUROC."""

    false_answers: float
    false_refusals: float
    calibration_error: float
    separation: float | None


@dataclass(frozen=True)
class Fitted:
    """Hold a calibration with what it was fitted on and what it does; `after` is cross-validated."""

    calibration: Calibration
    strength: float
    answerable: int
    unanswerable: int
    before: Rates
    after: Rates
    threshold_before: float


def least_answerable(false_refusals: float) -> int:
    """Return how many answerable questions a threshold for a rate of false refusals needs."""
    return max(LEAST_ANSWERABLE, math.ceil(min(1 / false_refusals, 1e9)))


def check_size(answerable: Sequence[bool] | Flags, false_refusals: float, cost: float | None, right: int | None = None) -> None:
    """Raise BadInput, saying how many more are needed, for questions too few to fit, and for shares and costs that are none.

    How many first passages hold the answer, `right`, is known only when they have been asked.
    """
    if not 0 < false_refusals < 1:
        raise BadInput(f"--false-refusals {false_refusals:g}: must lie between 0 and 1")
    if cost is not None and not 0 < cost < math.inf:
        raise BadInput(f"--cost {cost:g}: must be a number above 0")
    answered = int(sum(answerable))
    unanswerable = len(answerable) - answered
    missing = [
        (least_answerable(false_refusals) - answered, answered, "answerable questions"),
        (LEAST_UNANSWERABLE - unanswerable, unanswerable, "unanswerable questions"),
    ]
    if right is not None:
        missing.append((LEAST_RIGHT - right, right, "questions whose first passage holds the answer"))
    wanting = [f"{more:,} more {what} (it has {has:,})" for more, has, what in missing if more > 0]
    if wanting:
        raise BadInput(f"too few questions to fit: the set needs {' and '.join(wanting)}")


def _folds(answerable: Flags) -> npt.NDArray[np.int64]:
    """Return each question's fold; answerable and unanswerable ones are spread evenly."""
    chance = np.random.default_rng(SEED)
    fold = np.zeros(len(answerable), dtype=np.int64)
    for kind in (True, False):
        members = chance.permutation(np.flatnonzero(answerable == kind))
        fold[members] = np.arange(len(members)) % FOLDS
    return fold


def _weights(sample: Sample) -> Values:
    return np.where(sample.first, 1.0, _LOWER_RANKS)


def _rounded(weights: Values, intercept: float) -> Calibration:
    return Calibration(dict(zip(FEATURES, np.round(weights, 5).tolist(), strict=True)), round(intercept, 5), 0.0)


def _confidence(sample: Sample, calibration: Calibration, chosen: Flags) -> Values:
    """Return the confidence of each chosen question, that of its surest citation; 0 where nothing was found."""
    found = np.zeros(len(sample.answerable))
    for row in np.flatnonzero(chosen[sample.question]):
        described, question = dict(zip(FEATURES, sample.described[row].tolist(), strict=True)), sample.question[row]
        found[question] = max(found[question], probability(calibration, described))
    return found


def _held_out(sample: Sample, fold: npt.NDArray[np.int64], strength: float) -> Values:
    """Return each question's confidence by a fit that has not seen it."""
    found = np.zeros(len(sample.answerable))
    for number in range(FOLDS):
        used = fold[sample.question] != number
        calibration = _rounded(
            *fit_weights(sample.described[used], sample.right[used], _weights(sample)[used], sample.prior, strength)
        )
        found += _confidence(sample, calibration, fold == number)
    return found


def _right(sample: Sample) -> Values:
    right = np.zeros(len(sample.answerable))
    right[sample.question[sample.first]] = sample.right[sample.first]
    return right


def _log_loss(confidence: Values, right: Values) -> float:
    bounded = np.clip(confidence, 1e-4, 1 - 1e-4)
    return float(-(right * np.log(bounded) + (1 - right) * np.log(1 - bounded)).mean())


def rates(confidence: Values, threshold: Values | float, answerable: Flags, right: Values) -> Rates:
    """Return what a threshold, one for all or one a question, does."""
    answered = confidence >= threshold
    return Rates(
        float(answered[~answerable].mean()),
        float((~answered[answerable]).mean()),
        calibration_error(confidence, right),
        separation(confidence, right),
    )


def fit(sample: Sample, before: float, false_refusals: float = FALSE_REFUSALS, cost: float | None = None) -> Fitted:
    """Fit confidence and threshold; `before` is the threshold in use, `cost` a false answer's in false refusals.

    Both are cross-validated: each question's confidence and threshold in `after` come from fits and
    thresholds that have not seen it. Raises BadInput for a set that is too small.
    """
    check_size(sample.answerable, false_refusals, cost, int((sample.right & sample.first).sum()))

    def choose(confidence: Values, answerable: Flags) -> float:
        if cost is not None:
            return cheapest_threshold(confidence, answerable, cost)
        return threshold_for(confidence, answerable, false_refusals)

    right, fold = _right(sample), _folds(sample.answerable)
    held_out = {strength: _held_out(sample, fold, strength) for strength in _STRENGTHS}
    strength = min(_STRENGTHS, key=lambda tried: (_log_loss(held_out[tried], right), -tried))
    confidence = held_out[strength]
    unseen = np.zeros(len(confidence))
    for number in range(FOLDS):
        others = fold != number
        unseen[~others] = choose(confidence[others], sample.answerable[others])
    fitted = _rounded(*fit_weights(sample.described, sample.right, _weights(sample), sample.prior, strength))
    return Fitted(
        Calibration(fitted.weights, fitted.intercept, choose(confidence, sample.answerable)),
        strength,
        int(sample.answerable.sum()),
        int((~sample.answerable).sum()),
        rates(sample.confidence, before, sample.answerable, right),
        rates(confidence, unseen, sample.answerable, right),
        before,
    )
