"""Fit a logistic regression around known weights, and choose the threshold of a confidence."""

import math

import numpy as np

from qa.calibration.samples import Flags
from qa.confidence import FEATURES, Calibration
from qa.measures.significance import Values

_STEPS = 50


def fit_weights(described: Values, right: Flags, weight: Values, prior: Calibration, strength: float) -> tuple[Values, float]:
    """Return weights of FEATURES and intercept that make the labels likeliest, by Newton's method.

    Logistic regression with a Gaussian prior on the weights around `prior`'s; the intercept is free.
    `described` has shape (n, FEATURES), `right` and `weight` (n,). `strength` is the penalty on half
    the squared distance in units of each feature's deviation.
    """
    scale = described.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    design = np.column_stack([described / scale, np.ones(len(described))])
    centre = np.array([*(prior.weights[name] for name in FEATURES), prior.intercept]) * np.append(scale, 1.0)
    penalty = np.append(np.full(len(FEATURES), strength), 1e-6)
    labels = right.astype(np.float64)

    def loss(coefficients: Values) -> float:
        logits = design @ coefficients
        return float(weight @ (np.logaddexp(0, logits) - labels * logits) + penalty @ (coefficients - centre) ** 2 / 2)

    found, reached = centre, loss(centre)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        gradient = design.T @ (weight * (chance - labels)) + penalty * (found - centre)
        curvature = (design * (weight * chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        # A full step can overshoot where the curve is flat; half as long until it does not.
        size = 1.0
        while loss(found - size * step) > reached and size > 1e-6:
            size /= 2
        found = found - size * step
        before, reached = reached, loss(found)
        if before - reached < 1e-9 * max(1.0, abs(before)):
            break
    return found[:-1] / scale, float(found[-1])


def threshold_for(confidence: Values, answerable: Flags, false_refusals: float) -> float:
    """Return the threshold under which at most a share of further answerable questions is expected to fall.

    The k-th least confidence of the n answerable ones, k = ⌊share · (n + 1)⌋, under which lie k - 1 of
    them: split conformal prediction (Vovk et al. 2005), whose promise holds for any n of the same kind.
    """
    ordered = np.sort(confidence[answerable])
    position = math.floor(false_refusals * (len(ordered) + 1) + 1e-9)
    return float(ordered[position - 1]) if position >= 1 else 0.0


def cheapest_threshold(confidence: Values, answerable: Flags, cost: float) -> float:
    """Return the least threshold with the lowest cost, where a false answer costs `cost` false refusals."""
    candidates = np.unique(np.append(confidence, 0.0))
    refused = np.searchsorted(np.sort(confidence[answerable]), candidates, side="left")
    unanswerable = np.sort(confidence[~answerable])
    answered = len(unanswerable) - np.searchsorted(unanswerable, candidates, side="left")
    return float(candidates[np.argmin(cost * answered + refused)])
