"""Cells as text, before a format escapes it."""

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from reports.content.table import (
    Cell,
    Dual,
    Emphasis,
    Estimate,
    Interval,
    Missing,
    Number,
    Scalar,
    Spread,
    Style,
    Table,
    Text,
)
from reports.statistics import Summary


def cell_text(cell: Cell) -> str:
    """Return the text of ``cell``.

    >>> cell_text(Spread(Summary(0.8114, 2, deviation=0.0052), Style.PERCENT))
    '81.1 ± 0.5'
    """
    match cell:
        case Text():
            return cell.text
        case Dual():
            return f"{scalar_text(cell.nonnegative)} / {scalar_text(cell.positive)}"
        case _:
            return scalar_text(cell)


def scalar_text(cell: Scalar) -> str:
    """Return the text of a cell of one metric."""
    match cell:
        case Missing():
            return cell.why
        case Number():
            value = number_text(cell.value, cell.style, signed=cell.signed)
            return f"{value} {cell.verdict}" if cell.verdict else value
        case Estimate():
            return _estimate_text(cell)
        case Spread():
            mean = number_text(cell.summary.mean, cell.style, signed=cell.signed)
            if cell.summary.deviation is None or math.isnan(cell.summary.mean):
                return mean
            return f"{mean} ± {number_text(cell.summary.deviation, cell.style)}"
        case Interval():
            return interval_text(cell.summary, cell.style)


def interval_text(summary: Summary, style: Style, *, signed: bool = False) -> str:
    """Return the interval of ``summary`` as ``[low, high]``; "" if it has none.

    >>> interval_text(Summary(0.7, 3, low=0.691, high=0.715), Style.SCORE)
    '[0.691, 0.715]'
    """
    if summary.low is None or summary.high is None:
        return ""
    if math.isnan(summary.low) or math.isnan(summary.high):
        return number_text(math.nan, style)
    ends = (number_text(end, style, signed=signed) for end in (summary.low, summary.high))
    return f"[{', '.join(ends)}]"


def _estimate_text(cell: Estimate) -> str:
    mean = number_text(cell.summary.mean, cell.style, signed=cell.signed)
    if math.isnan(cell.summary.mean):
        return mean
    return f"{mean} {interval_text(cell.summary, cell.style, signed=cell.signed)}".rstrip()


def emphasis_of(cell: Scalar) -> Emphasis:
    """Return the emphasis of a cell of one metric."""
    return cell.emphasis if isinstance(cell, Number | Spread) else Emphasis.NONE


def legend(table: Table, words: Mapping[Emphasis, str]) -> list[str]:
    """Return the texts of ``words`` that explain the emphases used in a table."""
    found = _emphases(table)
    return [text for kind, text in words.items() if kind in found]


def _emphases(table: Table) -> set[Emphasis]:
    found: set[Emphasis] = set()
    for row in table.rows:
        for cell in row:
            if isinstance(cell, Dual):
                found |= {emphasis_of(cell.nonnegative), emphasis_of(cell.positive)}
            elif isinstance(cell, Number | Spread):
                found.add(cell.emphasis)
    if Emphasis.BEST_AND_BETTER in found:
        found |= {Emphasis.BEST, Emphasis.BETTER}
    return found


def number_text(value: float, style: Style, *, signed: bool = False) -> str:
    """Return ``value`` in its style; NaN, an undefined metric, is ``undefined``.

    >>> number_text(0.8444, Style.PERCENT), number_text(-0.0123, Style.SCORE, signed=True)
    ('84.4', '-0.012')
    """
    if math.isnan(value):
        return "undefined"
    sign = "+" if signed else ""
    match style:
        case Style.INTEGER:
            return format(value, f"{sign}.0f")
        case Style.SCORE:
            return format(value, f"{sign}.3f")
        case Style.PERCENT:
            return format(100 * value, f"{sign}.1f")
        case Style.SECONDS:
            return format(value, f"{sign}.1f" if abs(value) >= 10 else f"{sign}.3g")
        case Style.GENERAL:
            return format(value, f"{sign}.4g")
        case Style.P_VALUE:
            return _p_value(value)


def _p_value(value: float) -> str:
    """Return a p value with halves rounded up: a value above a level must not print below it."""
    if value < 0.001:
        return "< 0.001"
    return str(Decimal(repr(value)).quantize(Decimal("0.001"), ROUND_HALF_UP))
