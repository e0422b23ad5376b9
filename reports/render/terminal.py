"""Tables as aligned plain text, cut to the width of a terminal."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from reports.content.table import Cell, Column, Dual, Emphasis, Note, Scalar, Table, Text
from reports.content.visible import one_line
from reports.render.cell_text import emphasis_of, legend, scalar_text

_GAP = "  "
_MOST_ROWS = 15
_NARROWEST = 20  # textwrap does not end if its indent is wider than the line
_NARROW = 80  # below this width, columns that do not fit are written below each other
_LEAST_KEY = 12  # fewest characters of a column that names a row and is repeated
_WIDEST_LAST = 20  # a last column of text wraps into the remaining width from this width on

_MARKS = {
    Emphasis.NONE: "",
    Emphasis.BEST: "*",
    Emphasis.BETTER: "+",
    Emphasis.BEST_AND_BETTER: "*+",
}
_LEGEND = {
    Emphasis.BEST: "*: the best mean of its column, ties included.",
    Emphasis.BETTER: "+: a better mean than the baseline's.",
}


def terminal_table(table: Table, width: int = 100) -> str:
    """Return ``table`` for a terminal of ``width`` characters, at least 20.

    If the table folds, columns that do not fit continue below. Otherwise, on a terminal of fewer
    than 80 characters, each row that does not fit becomes several lines, one for each value. On a
    wider one the last columns are left out, as are rows after the first 15 unless the table is to
    be shown whole; a note below the table names them.
    """
    width = max(width, _NARROWEST)
    rows = [[shown_cell(cell) for cell in row] for row in table.rows[: _most_rows(table)]]
    head = [one_line(_title(column)) for column in table.columns]
    widths, keys = _widths(table, [head, *rows], width=width)
    title = textwrap.wrap(one_line(table.title), width)
    lines = [*title, "=" * max(map(len, title), default=0)]
    blocks = _blocks(table, widths, width=width, keys=keys)
    if width < _NARROW and not table.folds and len(blocks[0]) < len(widths):
        blocks = [list(range(len(widths)))]
        for row in rows:
            lines += _stacked(head, row, width=width)
    else:
        sizes = [_clipped([widths[n] for n in block], width) for block in blocks]
        lines += _drawn(table, blocks, lines=[head, *rows], widths=sizes)
    shown = replace(table, rows=table.rows[: _most_rows(table)])
    explained = (Note(text) for text in legend(shown, _LEGEND))
    for note in (*_left_out(table, blocks), *explained, *table.notes):
        lines += _note(note, width)
    return "\n".join(line.rstrip() for line in lines)


def _drawn(
    table: Table,
    blocks: Sequence[Sequence[int]],
    *,
    lines: Sequence[Sequence[str]],
    widths: Sequence[Sequence[int]],
) -> list[str]:
    """Return the blocks below each other, an empty line between them."""
    drawn: list[str] = []
    for block, sizes in zip(blocks, widths, strict=True):
        drawn += [""] if drawn else []
        drawn += _block(table, block, lines=lines, widths=sizes)
    return drawn


def _most_rows(table: Table) -> int:
    return len(table.rows) if table.is_whole else _MOST_ROWS


def _title(column: Column) -> str:
    return f"{column.group} {column.title}" if column.group else column.title


def _widths(table: Table, lines: Sequence[Sequence[str]], *, width: int) -> tuple[list[int], int]:
    """Return the widths of the columns, and how many of these name a row.

    Those are the leading columns of text that tell the rows of a table that folds apart: they are
    in every block, so they must leave room. The first one always counts, another one only where it
    has some room.
    """
    widths = [max(1, *map(len, column)) for column in zip(*lines, strict=True)]
    is_pair = width < _NARROW and len(widths) == 2
    if table.folds or is_pair:
        widths[0] = min(widths[0], width // 2)
    if not table.folds or sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        return widths, 1
    texts = [column.is_text for column in table.columns]
    leading = texts.index(False) if False in texts else 1
    keys, room = 1, 2 * width // 3 - widths[0] - len(_GAP)
    while keys < leading and room >= _LEAST_KEY and _repeats(lines, keys):
        widths[keys] = min(widths[keys], room)
        room -= widths[keys] + len(_GAP)
        keys += 1
    return widths, keys


def _repeats(lines: Sequence[Sequence[str]], keys: int) -> bool:
    """Return whether two lines have equal values in the first ``keys`` columns."""
    return len({tuple(line[:keys]) for line in lines}) < len(lines)


def _blocks(table: Table, widths: Sequence[int], *, width: int, keys: int) -> list[list[int]]:
    """Return the indices of the columns that are side by side, block by block.

    Each block after the first begins with the ``keys`` first columns again.
    """
    blocks: list[list[int]] = []
    places = list(range(len(widths)))
    while True:
        columns = [table.columns[place] for place in places]
        count = _fitting(columns, [widths[place] for place in places], width=width)
        count = max(count, keys + 1) if blocks else count
        blocks.append(places[:count])
        if len(places) <= count or not table.folds:
            return blocks
        places = [*range(keys), *(place for place in places[count:] if place >= keys)]


def _block(
    table: Table, places: Sequence[int], *, lines: Sequence[Sequence[str]], widths: Sequence[int]
) -> list[str]:
    """Return the headings and rows of the columns at ``places``."""
    columns = [table.columns[place] for place in places]
    head, *rows = ([line[place] for place in places] for line in lines)
    drawn: list[str] = []
    if any(head):
        drawn = [*_wrapped(head, columns, widths=widths), _GAP.join("-" * size for size in widths)]
    for row in rows:
        drawn += _wrapped(row, columns, widths=widths)
    return drawn


def _stacked(head: Sequence[str], row: Sequence[str], *, width: int) -> list[str]:
    """Return a row as lines: its first cell, then each other cell after its title."""
    first = textwrap.wrap(f"{head[0]} {row[0]}".strip() or "-", width)
    size = max(1, min(max(map(len, head[1:])), (width - 2 * len(_GAP)) // 2))
    room = width - size - 2 * len(_GAP)
    drawn = []
    for title, cell in zip(head[1:], row[1:], strict=True):
        parts = zip_longest(textwrap.wrap(title, size), textwrap.wrap(cell, room) or ["-"])
        drawn += [f"{_GAP}{(a or '').ljust(size)}{_GAP}{b or ''}" for a, b in parts]
    return [*first, *drawn]


def _clipped(widths: Sequence[int], width: int) -> list[int]:
    """Return the widths of a block, its last column narrowed to the remaining width."""
    *first, last = (min(size, width) for size in widths)
    return [*first, min(last, max(width - sum(first) - len(_GAP) * len(first), 1))]


def _fitting(columns: Sequence[Column], widths: Sequence[int], *, width: int) -> int:
    """Return how many leading columns fit; the last of them may wrap if it holds text."""
    used, count = 0, 0
    for column, size in zip(columns, widths, strict=True):
        needed = min(size, _WIDEST_LAST) if column.is_text else size
        if count and used + len(_GAP) + needed > width:
            break
        used += (len(_GAP) if count else 0) + size
        count += 1
    return count


def _wrapped(
    cells: Sequence[str], columns: Sequence[Column], *, widths: Sequence[int]
) -> list[str]:
    """Return the lines of one row, each cell within its width."""
    broken = [textwrap.wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
    return [
        _GAP.join(
            (line or "").ljust(size) if column.is_text else (line or "").rjust(size)
            for line, column, size in zip(lines, columns, widths, strict=False)
        )
        for lines in zip_longest(*broken)
    ]


def _left_out(table: Table, blocks: Sequence[Sequence[int]]) -> list[Note]:
    parts = []
    count = max(blocks[-1]) + 1
    if len(table.rows) > _most_rows(table):
        first, last = _MOST_ROWS + 1, len(table.rows)
        parts.append(f"row {last}" if first == last else f"rows {first} to {last}")
    if len(table.columns) > count:
        titles = [_title(column) for column in table.columns[count:]]
        parts.append(f"the column{'s' if len(titles) > 1 else ''} {', '.join(titles)}")
    return [Note(f"Only in the written report: {'; '.join(parts)}.")] if parts else []


def _note(note: Note, width: int) -> list[str]:
    text = textwrap.wrap(one_line(note.text), width, initial_indent="- ", subsequent_indent="  ")
    return text if note.command is None else [*text, f"    {one_line(note.command)}"]


def shown_cell(cell: Cell) -> str:
    """Return the text of a cell, its emphasis as marks."""
    match cell:
        case Text():
            return one_line(cell.text)
        case Dual():
            return f"{_scalar(cell.nonnegative)} / {_scalar(cell.positive)}"
        case _:
            return _scalar(cell)


def _scalar(cell: Scalar) -> str:
    return one_line(scalar_text(cell)) + _MARKS[emphasis_of(cell)]
