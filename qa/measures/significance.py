"""Say how sure a figure is: bootstrap intervals and paired randomisation tests, seeded so that they repeat."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

SEED = 20
RESAMPLES = 1000
PERMUTATIONS = 10_000
_CELLS = 4_000_000
"""Numbers held at a time; 32 MB."""


@dataclass(frozen=True)
class Estimate:
    """Hold a figure with its 95 % interval over `n` questions."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, float]:
        """Return the estimate as JSON shows it."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


def estimate(
    values: Values, statistic: Callable[[Values], Values] = lambda resampled: np.asarray(resampled.mean(axis=1))
) -> Estimate | None:
    """Return a statistic of one value a question with its bootstrap interval.

    `values` has shape (n,); `statistic` takes (resamples, n) and returns (resamples,). None for no
    values: the mean of nothing is not 0.
    """
    if not len(values):
        return None
    chance = np.random.default_rng(SEED)
    rows = max(1, min(RESAMPLES, _CELLS // len(values)))
    drawn = [
        statistic(values[chance.integers(0, len(values), size=(min(rows, RESAMPLES - first), len(values)))])
        for first in range(0, RESAMPLES, rows)
    ]
    return _interval(float(statistic(values[np.newaxis])[0]), np.concatenate(drawn), len(values))


def joint_estimate(values: Values, statistic: Callable[[Values], float | None]) -> Estimate | None:
    """Return a statistic of several values a question with its bootstrap interval; None where it has no value.

    `values` has shape (n, values); `statistic` takes such an array of resampled questions. Resamples
    in which it has no value are left out.
    """
    value = statistic(values) if len(values) else None
    if value is None:
        return None
    chance = np.random.default_rng(SEED)
    drawn = [statistic(values[chance.integers(0, len(values), size=len(values))]) for _ in range(RESAMPLES)]
    return _interval(value, np.array([item for item in drawn if item is not None]), len(values))


def _interval(value: float, drawn: Values, n: int) -> Estimate:
    """Return the bias-corrected percentile interval (Efron 1981).

    Resamples of the calibration error lie above it, for repeated questions leave its bins emptier: plain
    percentiles can miss the figure itself.
    """
    normal = NormalDist()
    least = 1 / (2 * len(drawn))
    below = float(np.mean(drawn < value) + np.mean(drawn == value) / 2)
    shift = 2 * normal.inv_cdf(min(max(below, least), 1 - least))
    low, high = np.quantile(drawn, [normal.cdf(shift + normal.inv_cdf(share)) for share in (0.025, 0.975)])
    return Estimate(value, float(low), float(high), n)


def quantile(share: float) -> Callable[[Values], Values]:
    """Return the statistic that is a quantile of each resample."""
    return lambda resampled: np.asarray(np.quantile(resampled, share, axis=1))


def randomisation_test(first: Values, second: Values) -> float:
    """Return the two-sided p of two systems' values on the same questions, in order (Smucker et al. 2007).

    Each question's two values change places at random; p is the share of draws, the observed one
    among them (Phipson & Smyth 2010), whose mean differs at least as much. Equal values give 1.
    """
    differences = first - second
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    # Differences are sums of the same numbers in other orders: a hair's breadth counts as equal.
    observed = abs(float(differences.sum())) * (1 - 1e-12) - 1e-12
    chance = np.random.default_rng(SEED)
    rows = max(1, min(PERMUTATIONS, _CELLS // len(differences)))
    extreme = 0
    for start in range(0, PERMUTATIONS, rows):
        signs = chance.integers(0, 2, size=(min(rows, PERMUTATIONS - start), len(differences)), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ differences) >= observed).sum())
    return (extreme + 1) / (PERMUTATIONS + 1)
