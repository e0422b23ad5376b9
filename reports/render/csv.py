"""Tables as CSV in full precision, with one field for each number of a cell."""

import csv
import io
from collections.abc import Iterator

from reports.content.table import (
    Cell,
    Dual,
    Estimate,
    Interval,
    Missing,
    Number,
    Spread,
    Table,
    Text,
)
from reports.content.visible import visible_lines

Field = str | float | int
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


def csv_table(table: Table) -> str:
    """Return ``table`` as CSV: shares as fractions, missing values empty, without notes.

    A metric both ways fills two fields, ``NAME_negative_nonnegative`` and
    ``NAME_negative_positive``; a spread fills NAME (the mean), ``NAME_std`` and ``NAME_n``, an
    interval ``NAME_low`` and ``NAME_high``, an estimate NAME and all of these. A verdict fills
    ``NAME_verdict``. A text that a spreadsheet would run as a formula, such as the cell
    ``- MRM`` or a message that begins with ``=``, has an apostrophe before it. Control characters
    and invisible characters are written as their escapes, as in every other format.
    """
    rows: list[dict[str, Field]] = [{} for _ in table.rows]
    names: dict[str, None] = {}  # each column's in the order in which its cells first need them
    for place, column in enumerate(table.columns):
        needed: dict[str, None] = {}
        for fields, row in zip(rows, table.rows, strict=True):
            for name, value in _fields(column.name, row[place]):
                fields[name] = value
                needed[name] = None
        names |= needed or {column.name: None}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(_inert, names))
    writer.writerows([[fields.get(name, "") for name in names] for fields in rows])
    return stream.getvalue()


def _fields(name: str, cell: Cell) -> Iterator[tuple[str, Field]]:
    match cell:
        case Text():
            yield name, _inert(cell.text)
        case Number():
            yield name, cell.value
            if cell.verdict:
                yield f"{name}_verdict", cell.verdict
        case Estimate():
            yield from _fields(name, Spread(cell.summary, cell.style))
            yield from _fields(name, Interval(cell.summary, cell.style))
        case Spread():
            yield name, cell.summary.mean
            yield f"{name}_std", _field(cell.summary.deviation)
            yield f"{name}_n", _field(cell.summary.count)
        case Interval():
            yield f"{name}_low", _field(cell.summary.low)
            yield f"{name}_high", _field(cell.summary.high)
        case Dual():
            yield from _fields(f"{name}_negative_nonnegative", cell.nonnegative)
            yield from _fields(f"{name}_negative_positive", cell.positive)
        case Missing():
            return


def _field(value: float | None) -> Field:
    return "" if value is None else value


def _inert(text: str) -> str:
    r"""Return ``text`` in a form that no spreadsheet runs and that controls no terminal.

    Numbers and line breaks stay as they are.

    >>> _inert("=1+1"), _inert("-0.5"), _inert("\x1b[31m")
    ("'=1+1", '-0.5', '\\x1b[31m')
    """
    text = visible_lines(text)
    if not text.lstrip().startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
