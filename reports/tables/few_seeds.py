"""Seeds that a statement needs: an interval at least 3 seeds, a verdict at least 5."""

from collections.abc import Iterator, Mapping

from reports.content.table import Missing, Note, Scalar, Style
from reports.render.cell_text import number_text
from reports.statistics import INTERVAL_SEEDS, VERDICT_SEEDS, Summary
from reports.tables.metrics import interval

NOT_SHOWN = "no difference shown"


def seeds_text(count: int) -> str:
    """Return a number of seeds in words.

    >>> seeds_text(1), seeds_text(2)
    ('1 seed', '2 seeds')
    """
    return "1 seed" if count == 1 else f"{count} seeds"


def no_verdict(count: int) -> str:
    """Return why ``count`` seeds give no verdict; "" if they are enough.

    >>> no_verdict(3), no_verdict(5)
    ('no verdict (3 seeds, needs 5)', '')
    """
    if count >= VERDICT_SEEDS:
        return ""
    return f"no verdict ({seeds_text(count)}, needs {VERDICT_SEEDS})"


def not_shown(difference: Summary, style: Style) -> str:
    """Return the verdict where no difference is shown, with the half width of the interval.

    >>> not_shown(Summary(0.1, 5, low=0.079, high=0.121), Style.SCORE)
    'no difference shown (half width 0.021)'
    """
    half = difference.half_width
    return NOT_SHOWN if half is None else f"{NOT_SHOWN} (half width {number_text(half, style)})"


def seed_interval(summary: Summary | None, style: Style) -> Scalar:
    """Return the interval of a mean over seeds, or that its seeds are too few for one."""
    count = 0 if summary is None else summary.count or 0
    if 0 < count < INTERVAL_SEEDS:
        return Missing(f"{seeds_text(count)}: no interval")
    return interval(summary, style)


def few_seeds_notes(
    counts: Mapping[str, int], *, what: str = "interval", needed: int = INTERVAL_SEEDS
) -> Iterator[Note]:
    """Yield which rows have too few seeds for an interval, or for ``what``.

    Args:
        counts: number of finished seeds by row; rows with none are not named.
        what: what these seeds are too few for.
        needed: smallest number of seeds for it, at least 1.
    """
    few: dict[int, list[str]] = {}
    for row, count in counts.items():
        if 0 < count < needed:
            few.setdefault(count, []).append(row)
    if few:
        rows = " ".join(f"{seeds_text(count)}: {'; '.join(few[count])}." for count in sorted(few))
        yield Note(f"No {what} below {needed} seeds. {rows}")
