"""Seeds that a statement needs, and the words for too few of them.

An interval needs 3 seeds. A verdict by the interval of a mean, as against a published value, needs
5. A verdict of a test needs as many as ``reports.tables.verdicts`` says.
"""

from collections.abc import Iterator, Mapping

from reports.content.table import Missing, Note, Scalar, Style
from reports.render.cell_text import number_text
from reports.statistics import INTERVAL_SEEDS, VERDICT_SEEDS, Summary
from reports.tables.metrics import interval

NOT_SHOWN, FEW_SEEDS = "no difference shown", "too few seeds"


def seeds_text(count: int) -> str:
    """Return a number of seeds in words.

    >>> seeds_text(1), seeds_text(2)
    ('1 seed', '2 seeds')
    """
    return "1 seed" if count == 1 else f"{count} seeds"


def too_few(count: int, needed: int = VERDICT_SEEDS) -> str:
    """Return that ``count`` seeds give no verdict; "" if they are enough.

    Args:
        count: number of seeds, or of pairs of seeds.
        needed: smallest number that gives a verdict; by default one by the interval of a mean.

    >>> too_few(3), too_few(5)
    ('too few seeds (3, needs 5)', '')
    """
    return "" if count >= needed else f"{FEW_SEEDS} ({count}, needs {needed})"


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
