"""Statistics over seeds, as pure functions."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

import numpy as np

CONFIDENCE = 0.95
INTERVAL_SEEDS = 3
"""Smallest number of values for an interval of their mean; two leave their spread unknown."""
VERDICT_SEEDS = 5
"""Smallest number of seeds for a report to say that one setting is better than another."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of a sample.

    Attributes:
        mean: mean of the sample.
        count: number of values; None if the source does not state it.
        deviation: standard deviation with n - 1; None below two values.
        low: lower end of the 95 % interval, by default the t interval of the mean; None without
            an interval.
        high: upper end of the interval; None without an interval.
    """

    mean: float
    count: int | None = None
    _: KW_ONLY
    deviation: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float | None:
        """Return half the width of the interval; None where there is none."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def summarise(values: Sequence[float]) -> Summary | None:
    """Return mean, deviation and t interval of ``values``; None without a value.

    The interval reaches t(0.975, n - 1) s / sqrt(n) to either side of the mean, for 3 values or
    more. A NaN among the values makes all NaN.

    >>> summarise([1.0, 3.0]).mean
    2.0
    """
    if not values:
        return None
    sample = np.asarray(values, dtype=np.float64)
    mean = float(sample.mean())
    if len(sample) < 2:
        return Summary(mean, len(sample))
    deviation = float(sample.std(ddof=1))
    if len(sample) < INTERVAL_SEEDS:
        return Summary(mean, len(sample), deviation=deviation)
    half = t_quantile((1 + CONFIDENCE) / 2, len(sample) - 1) * deviation / len(sample) ** 0.5
    return Summary(mean, len(sample), deviation=deviation, low=mean - half, high=mean + half)


def t_quantile(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t distribution with ``freedom`` degrees of freedom."""
    # Importing scipy is slow; only a report with repeated seeds needs it.
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(freedom, probability))


def best_index(values: Sequence[float], mode: Literal["min", "max"]) -> int | None:
    """Return the index of the best of ``values``, the first of equals; None without a number.

    >>> best_index([0.9, float("nan"), 0.7], "min")
    2
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0 or np.isnan(sample).all():
        return None
    return int(np.nanargmin(sample) if mode == "min" else np.nanargmax(sample))
