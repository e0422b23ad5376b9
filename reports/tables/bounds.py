"""Intervals that exceed the range of their metric."""

from collections.abc import Iterable, Iterator

from reports.content.table import Note, Style
from reports.statistics import Summary
from reports.tables.metrics import ROUNDING, Metric


def bounds_notes(shown: Iterable[tuple[Metric, Summary | None]]) -> Iterator[Note]:
    """Yield the metrics with a t interval that exceeds their range; nothing without any."""
    passed: dict[str, None] = {}  # in the order of the table, each bound once
    for metric, summary in shown:
        passed |= dict.fromkeys(_passed(metric, summary))
    if passed:
        yield Note(
            f"Some intervals exceed the range of the metric: {'; '.join(passed)}. A t interval "
            "assumes a normal mean over seeds and has no bounds; with few seeds it is that wide. "
            "It is shown as computed, not cut."
        )


def exceeds_range(metric: Metric, summary: Summary) -> bool:
    """Return whether the interval of ``summary`` exceeds the range of the metric."""
    return any(True for _ in _passed(metric, summary))


def _passed(metric: Metric, summary: Summary | None) -> Iterator[str]:
    """Yield the bounds that an interval exceeds; an undefined interval exceeds none."""
    if summary is None or summary.low is None or summary.high is None:
        return
    unit = " %" if metric.style is Style.PERCENT else ""
    if summary.low < (-1.0 if metric.name == "corr" else 0.0) - ROUNDING:
        yield f"{metric.title} below {'-1' if metric.name == 'corr' else f'0{unit}'}"
    if metric.mode == "max" and summary.high > 1.0 + ROUNDING:
        yield f"{metric.title} above {f'100{unit}' if unit else '1'}"
