"""What a figure shows of a sample over seeds."""

from math import nan

from reports.statistics import Summary

FEWEST = 3
"""Seeds for an interval: of two it would be 12.7 times as wide as their distance, and hide all."""


def ends(summary: Summary) -> tuple[float, float]:
    """Return the 95 % t interval of the mean; NaN and NaN of fewer than three values.

    >>> ends(Summary(0.5, 2, 0.1, -0.4, 1.4))
    (nan, nan)
    """
    if summary.low is None or summary.high is None or (summary.count or 0) < FEWEST:
        return nan, nan
    return summary.low, summary.high
