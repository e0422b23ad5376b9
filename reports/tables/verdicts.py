"""The verdict of a test over paired seeds: one rule for every table and for the screen.

Few pairs cannot give a small p, however large the difference is: see ``smallest_p``. Where even
the smallest possible p, corrected for the tests of the table, is not below .05, the verdict is
that there are too few seeds, and never that no difference is shown.
"""

from collections.abc import Sequence

from reports.statistics import ALPHA, PairedTest, Summary, holm_adjusted, smallest_p
from reports.tables.few_seeds import FEW_SEEDS, NOT_SHOWN
from reports.tables.metrics import Metric

BETTER, WORSE = "better", "worse"


def least_adjusted(pairs: Sequence[int | None]) -> list[float | None]:
    """Return the smallest corrected p that each test of a table could have.

    Args:
        pairs: number of pairs of each sign-flip test; None for a test that was not done.

    >>> least_adjusted([5, None]), least_adjusted([6, 6])
    ([0.0625, None], [0.0625, 0.0625])
    >>> least_adjusted([6, 10])  # the test of 10 pairs comes first in Holm's order: 2 * 2 / 2^10
    [0.03125, 0.00390625]
    """
    return holm_adjusted([None if count is None else smallest_p(count) for count in pairs])


def verdict_alone(test: PairedTest, metric: Metric) -> str:
    """Return the verdict of a test without others beside it; "" where it has no p value."""
    if test.p is None:
        return ""
    least = smallest_p(test.difference.count or 0)
    return verdict_of_test(test.difference, test.p, least=least, metric=metric)


def verdict_of_test(difference: Summary, p: float, *, least: float, metric: Metric) -> str:
    """Return ``better``, ``worse``, that no difference is shown, or that seeds are too few.

    Args:
        difference: the mean difference of a metric over paired seeds.
        p: its p value, corrected where it is one of several.
        least: the smallest that ``p`` could be with as many seeds and tests.
        metric: the metric.
    """
    if p >= ALPHA:
        return FEW_SEEDS if least >= ALPHA else NOT_SHOWN
    return BETTER if (difference.mean < 0) == (metric.mode == "min") else WORSE
