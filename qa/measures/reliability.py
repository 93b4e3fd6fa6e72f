"""Measure whether confidence means what it says: risk and coverage, calibration error, and separation."""

from typing import NamedTuple

import numpy as np

from qa.measures.significance import Values

BINS = 10


class Bin(NamedTuple):
    """Hold the questions whose confidence lies between `low` and `high`: how many, how sure, how right, on average."""

    low: float
    high: float
    questions: int
    confidence: float
    accuracy: float


def risks(confidence: Values, right: Values) -> Values:
    """Return the share of wrong answers among the k most confident, for k from 1 to n.

    Equally confident questions stand in no order: each counts with their mean, which is what a random
    order gives on average.
    """
    _, group, sizes = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong = np.bincount(group, weights=1 - right) / sizes
    losses = np.repeat(wrong, sizes)
    return np.asarray(np.cumsum(losses) / np.arange(1, len(losses) + 1))


def risk_coverage_area(confidence: Values, right: Values) -> float:
    """Return the mean of `risks` over all coverages (Geifman & El-Yaniv 2017); 0 is best."""
    return float(risks(confidence, right).mean())


def bins(confidence: Values, right: Values) -> list[Bin]:
    """Return the non-empty ones of BINS bins of equal width."""
    number = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            index / BINS,
            (index + 1) / BINS,
            int((number == index).sum()),
            float(confidence[number == index].mean()),
            float(right[number == index].mean()),
        )
        for index in np.unique(number).tolist()
    ]


def calibration_error(confidence: Values, right: Values) -> float:
    """Return the expected calibration error: the bins' mean gap between confidence and accuracy (Guo et al. 2017)."""
    return sum(item.questions * abs(item.confidence - item.accuracy) for item in bins(confidence, right)) / len(confidence)


def separation(confidence: Values, right: Values) -> float | None:
    """Return the chance that a right question has more confidence than a wrong one, ties half (AUROC).

    None where all are right or all wrong.
    """
    positives, negatives = confidence[right > 0.5], np.sort(confidence[right <= 0.5])
    if not len(positives) or not len(negatives):
        return None
    below = np.searchsorted(negatives, positives, side="left") + np.searchsorted(negatives, positives, side="right")
    return float(below.sum() / (2 * len(positives) * len(negatives)))
