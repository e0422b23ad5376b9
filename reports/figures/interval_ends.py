"""The interval of a sample over seeds in figures."""

from math import nan

from reports.statistics import Summary


def interval_ends(summary: Summary) -> tuple[float, float]:
    """Return the ends of the 95 % t interval of the mean; NaN and NaN without one.

    >>> interval_ends(Summary(0.5, 2, deviation=0.1))
    (nan, nan)
    """
    if summary.low is None or summary.high is None:
        return nan, nan
    return summary.low, summary.high
