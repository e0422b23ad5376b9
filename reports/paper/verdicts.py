"""Comparisons of our means with the paper's and with each other, without a test."""

import math
from collections.abc import Collection, Mapping

from reports.content.table import Emphasis
from reports.render.cell_text import number_text
from reports.statistics import Summary
from reports.tables.few_seeds import not_shown, too_few
from reports.tables.metrics import ROUNDING, Metric
from reports.tables.verdicts import BETTER, WORSE


def verdict_of(ours: Summary, published: float, *, metric: Metric) -> str:
    """Return the verdict on ``ours`` against a published value.

    No difference is shown where that value lies inside our 95 % interval, however wide it is; else
    ours is ``better`` or ``worse`` by the metric's direction. Fewer than 5 seeds give no verdict,
    nor does a mean that is not defined.
    """
    if math.isnan(ours.mean):
        return ""
    if few := too_few(ours.count or 0):
        return few
    if ours.low is None or ours.high is None:
        return ""
    if ours.low - ROUNDING <= published <= ours.high + ROUNDING:
        return not_shown(ours, metric.style)
    return BETTER if _beats(ours.mean, published, metric=metric) else WORSE


def emphases_of(
    means: Mapping[str, float],
    baselines: Mapping[str, str | None],
    *,
    metric: Metric,
    enough: Collection[str] = (),
) -> dict[str, Emphasis]:
    """Return the emphasis of each row in one column.

    A best is marked if at least two rows have a value. Only the rows in ``enough`` compete for it,
    so that a lucky seed does not win; if none of them has a value, all rows compete. Numbers that
    print alike are equal: several rows may be best, and none is better than an equal baseline.

    Args:
        means: mean of each row; NaN if the metric is not defined.
        baselines: baseline of each row; None for a row without one.
        metric: metric of the column.
        enough: rows with as many seeds as a verdict needs.
    """
    defined = {row: mean for row, mean in means.items() if not math.isnan(mean)}
    if not defined:
        return {}
    printed = {row: number_text(mean, metric.style) for row, mean in defined.items()}
    choose = min if metric.mode == "min" else max
    rivals = [row for row in defined if row in enough] or list(defined)
    best = printed[choose(rivals, key=lambda row: defined[row])]

    def emphasis(row: str) -> Emphasis:
        baseline = baselines.get(row)
        is_best = len(defined) > 1 and row in rivals and printed[row] == best
        is_better = (
            baseline in defined
            and printed[row] != printed[baseline]
            and _beats(defined[row], defined[baseline], metric=metric)
        )
        return _EMPHASES[is_best, is_better]

    return {row: emphasis(row) for row in defined}


_EMPHASES = {
    (False, False): Emphasis.NONE,
    (True, False): Emphasis.BEST,
    (False, True): Emphasis.BETTER,
    (True, True): Emphasis.BEST_AND_BETTER,
}


def _beats(value: float, other: float, *, metric: Metric) -> bool:
    return value < other if metric.mode == "min" else value > other
