"""Fit weights whose signs are known: of the confidence, which tells whether a passage answers, and of the order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qa.confidence import FEATURES
from qa.order import ORDERED_BY

ORDER_PENALTY = 3.0
"""L2 penalty on the weights of the order, per standard deviation."""

AGAINST = {
    "unknown words",
    "far",
    "names unknown",
    "no number near",
    "kind missing",
    "number missing",
    "count missing",
    "time missing",
    "figures missing",
    "another year",
    "words not of kind",
    "found later",
}
"""Features that speak against an answer; of the others all but UNWEIGHED speak for one."""

UNWEIGHED = {"collection size", "found later"}
"""Features without a weight in the confidence. Where a passage was found is the order's to weigh. The small collections fitted on
are folders, the large ones articles, so that a weight would tell these apart (it was -0.50 for ten times the passages) and
refuse what large folders answer."""


def fit_signed(
    described: NDArray[np.float64], labels: NDArray[np.bool_], weighed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the weights and intercept of a logistic regression whose weights have the signs they must mean.

    Left free, it learns from SQuAD's adversarial questions, written close to the text, that a question
    whose words all stand in the passage is less likely to be answered there: true of them, not of
    people's own. L2 penalty as LogisticRegression's C=1.
    """
    signs = np.array([-1.0 if name in AGAINST else 1.0 for name in FEATURES])
    bounds = [(0.0, 0.0) if name in UNWEIGHED else (0.0, None) for name in FEATURES]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = described * signs @ weights[:-1] + weights[-1]
        chance = 1 / (1 + np.exp(-logits))
        value = (weighed * (np.logaddexp(0, logits) - labels * logits)).sum() + (weights[:-1] ** 2).sum() / 2
        slope = weighed * (chance - labels)
        return value, np.append((described * signs).T @ slope + weights[:-1], slope.sum())

    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return found.x[:-1] * signs, float(found.x[-1])


def rounded(names: Sequence[str], weights: NDArray[np.float64]) -> dict[str, float]:
    """Return weights by name as they are written, none of them -0."""
    return dict(zip(names, (weights.round(5) + 0.0).tolist(), strict=True))


def fit_order(described: NDArray[np.float64], labels: NDArray[np.bool_], starts: NDArray[np.int64]) -> dict[str, float]:
    """Return weights of ORDERED_BY that make what answers the likeliest of its question's passages.

    `starts` are the rows at which the questions' passages begin, each question having some that answer and some that don't.
    The weights have the signs they must mean, as in `fit_signed`. McFadden 1974.
    """
    columns = [FEATURES.index(name) for name in ORDERED_BY]
    signs = np.array([-1.0 if name in AGAINST else 1.0 for name in ORDERED_BY])
    scale = described[:, columns].std(axis=0) + 1e-9
    seen = described[:, columns] * signs / scale
    of = np.repeat(np.arange(len(starts)), np.diff([*starts, len(seen)]))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = seen @ weights
        chances = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        every, right = np.add.reduceat(chances, starts), np.add.reduceat(chances * labels, starts)
        slope = chances / every[of] - chances * labels / right[of]
        penalty = ORDER_PENALTY * weights @ weights / 2
        return float(np.log(every / right).sum() + penalty), seen.T @ slope + ORDER_PENALTY * weights

    bounds = [(0.0, None)] * len(columns)
    found = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B", bounds=bounds)
    return rounded(ORDERED_BY, found.x * signs / scale)
