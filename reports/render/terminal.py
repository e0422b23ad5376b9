"""Tables as aligned plain text, cut to the width of a terminal."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from reports.render.cells import cell_text, visible
from reports.table import Cell, Column, Note, Table

_GAP = "  "
_MOST_ROWS = 15
_NARROWEST = 20  # textwrap never ends where its indent is wider than the line
_WIDEST_LAST = 20  # a last column of words wraps into what is left, if that is at least this


def terminal_table(table: Table, width: int = 100) -> str:
    """Return ``table`` for a terminal of ``width`` characters, 20 at least.

    Columns that do not fit and rows after the first 15 are left out and counted below the table.
    """
    width = max(width, _NARROWEST)
    rows = [[_shown(cell) for cell in row] for row in table.rows[:_MOST_ROWS]]
    head = [visible(column.title, " ") for column in table.columns]
    widths = [max(1, *map(len, column)) for column in zip(head, *rows, strict=True)]
    count = _fitting(table.columns, widths, width)
    widths = [min(size, width) for size in widths[:count]]
    widths[-1] = min(widths[-1], max(width - sum(widths[:-1]) - len(_GAP) * (count - 1), 1))
    title = visible(table.title, " ")
    lines = [title, "=" * len(title)]
    if any(head):
        lines += _wrapped(head[:count], table.columns, widths)
        lines.append(_GAP.join("-" * size for size in widths))
    for row in rows:
        lines += _wrapped(row[:count], table.columns, widths)
    for note in (*_left_out(table, count), *table.notes):
        lines += _note(note, width)
    return "\n".join(line.rstrip() for line in lines)


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int) -> int:
    """Return how many leading columns fit; the last of them may wrap if it holds words."""
    used, count = 0, 0
    for column, size in zip(columns, widths, strict=True):
        needed = min(size, _WIDEST_LAST) if column.is_text else size
        if count and used + len(_GAP) + needed > width:
            break
        used += (len(_GAP) if count else 0) + size
        count += 1
    return count


def _wrapped(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    """Return the lines of one row, each cell within its width."""
    broken = [textwrap.wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
    return [
        _GAP.join(
            (line or "").ljust(size) if column.is_text else (line or "").rjust(size)
            for line, column, size in zip(lines, columns, widths, strict=False)
        )
        for lines in zip_longest(*broken)
    ]


def _left_out(table: Table, count: int) -> list[Note]:
    parts = []
    if len(table.rows) > _MOST_ROWS:
        parts.append(f"rows {_MOST_ROWS + 1} to {len(table.rows)}")
    if len(table.columns) > count:
        titles = ", ".join(column.title for column in table.columns[count:])
        parts.append(f"the columns {titles}")
    return [Note(f"Only in the written report: {'; '.join(parts)}.")] if parts else []


def _note(note: Note, width: int) -> list[str]:
    text = textwrap.wrap(
        visible(note.text, " "), width, initial_indent="- ", subsequent_indent="  "
    )
    return text if note.command is None else [*text, f"    {visible(note.command, ' ')}"]


def _shown(cell: Cell) -> str:
    return visible(cell_text(cell), " ")
