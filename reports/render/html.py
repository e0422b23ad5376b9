"""Tables as HTML: real tables for readers and screen readers, full precision for scripts.

Every table scrolls in a box of its own, which can be focused by keyboard. Its notes fold, but for
those that limit what the numbers mean. ``data-sort`` holds the
value of a cell, ``data-name`` and ``data-column`` the name and index of a column.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from html import escape as escape_html
from itertools import groupby

from reports.content.overview import Overview, Section
from reports.content.table import (
    Cell,
    Column,
    Dual,
    Emphasis,
    Interval,
    Missing,
    Note,
    Number,
    Scalar,
    Table,
    Text,
)
from reports.content.visible import one_line, visible_lines
from reports.render.cell_text import emphasis_of, legend, scalar_text

_EMPHASES = {
    Emphasis.NONE: "{}",
    Emphasis.BEST: "<strong>{}</strong>",
    Emphasis.BETTER: "<u>{}</u>",
    Emphasis.BEST_AND_BETTER: "<strong><u>{}</u></strong>",
}
_LEGEND = {
    Emphasis.BEST: "<strong>Bold</strong>: the best mean of its column, ties included.",
    Emphasis.BETTER: "<u>Underlined</u>: a better mean than the baseline's.",
}
_LONG_TEXT = 40  # characters from which the text of a cell may wrap
_VERDICTS = ("better", "worse")


def html_table(table: Table) -> str:
    """Return ``table`` with its caption and notes; all text is escaped."""
    title = escape(table.title)
    body = "\n".join(_row(table.columns, row) for row in table.rows)
    return (
        f'<div class="table-box" role="group" aria-label="{visible_attribute(table.title)}"'
        f' tabindex="0">\n<table>\n<caption>{title}</caption>\n{_head(table.columns)}'
        f"<tbody>\n{body}\n</tbody>\n</table>\n</div>{_notes(table)}"
    )


def escape(text: str) -> str:
    """Return ``text`` escaped, so that HTML shows it unchanged.

    >>> print(escape("a < b"))
    a &lt; b
    """
    if text.isprintable():  # nearly all texts; `visible` takes its time
        return escape_html(text)
    return escape_html(visible_lines(text)).replace("\n", "<br>")


def visible_attribute(text: str) -> str:
    """Return ``text`` for a quoted attribute, on one line."""
    return escape_html(one_line(text))


def cell_html(cell: Cell) -> str:
    """Return the content of a cell."""
    match cell:
        case Text():
            return (
                f'<code class="command">{escape(cell.text)}</code>'
                if cell.code
                else escape(cell.text)
            )
        case Dual():
            return f"{_scalar(cell.nonnegative)} / {_scalar(cell.positive)}"
        case _:
            return _scalar(cell)


def note_html(note: Note) -> str:
    """Return a note with its command."""
    command = (
        "" if note.command is None else f' <code class="command">{escape(note.command)}</code>'
    )
    return f"<li>{escape(note.text)}{command}</li>"


def notes_html(notes: Sequence[Note], *, explained: Sequence[str] = ()) -> str:
    """Return notes as a list that is folded, under those that a reader must see; "" for none.

    Args:
        notes: the notes.
        explained: further elements of the folded list.
    """
    open_ones = [note_html(note) for note in notes if note.is_attention]
    folded = [*explained, *(note_html(note) for note in notes if not note.is_attention)]
    count = f"{len(folded)} note{'' if len(folded) == 1 else 's'}"
    parts = [
        _list(open_ones) if open_ones else "",
        f'<details class="fold">\n<summary>{count}</summary>\n{_list(folded)}\n</details>'
        if folded
        else "",
    ]
    return "\n".join(filter(None, parts))


def html_overview(overview: Overview) -> str:
    """Return ``overview`` as sections with headings, tables and lines; all text is escaped."""
    return "\n".join(map(_section, overview.sections))


def _section(section: Section) -> str:
    table = "" if section.table is None else f"\n{html_table(section.table)}"
    lines = f"\n{_list(list(map(note_html, section.notes)))}" if section.notes else ""
    return f"<h4>{escape(section.title)}</h4>{table}{lines}"


def _list(lines: Sequence[str]) -> str:
    return '<ul class="notes">\n' + "\n".join(lines) + "\n</ul>"


def _head(columns: Sequence[Column]) -> str:
    """Return the heading rows, groups above their columns; "" if all headings are empty."""
    if not any(column.title or column.group for column in columns):
        return ""
    if not any(column.group for column in columns):
        cells = "".join(_heading(place, column) for place, column in enumerate(columns))
        return f"<thead>\n<tr>{cells}</tr>\n</thead>\n"
    numbered = enumerate(columns)
    groups = [(name, list(run)) for name, run in groupby(numbered, key=lambda each: each[1].group)]
    widths = "".join(f'<colgroup span="{len(members)}"></colgroup>' for _, members in groups)
    first = "".join(_group(name, members) for name, members in groups)
    second = "".join(_heading(*each) for name, members in groups if name for each in members)
    return f"{widths}\n<thead>\n<tr>{first}</tr>\n<tr>{second}</tr>\n</thead>\n"


def _group(name: str, members: Sequence[tuple[int, Column]]) -> str:
    if not name:
        return "".join(_heading(*each, rows=2) for each in members)
    return f'<th class="group" scope="colgroup" colspan="{len(members)}">{escape(name)}</th>'


def _heading(place: int, column: Column, *, rows: int = 1) -> str:
    span = f' rowspan="{rows}"' if rows > 1 else ""
    kind = ' class="text"' if column.is_text else ""
    name = visible_attribute(column.name)
    return (
        f'<th scope="col"{span}{kind} data-column="{place}" data-name="{name}">'
        f"{escape(column.title)}</th>"
    )


def _row(columns: Sequence[Column], row: Sequence[Cell]) -> str:
    cells = "".join(
        _table_cell(column, cell, tag="td" if place else "th")
        for place, (column, cell) in enumerate(zip(columns, row, strict=True))
    )
    return f"<tr>{cells}</tr>"  # one line, so that the script can split rows at line breaks


def _table_cell(column: Column, cell: Cell, *, tag: str) -> str:
    kinds = "text" if column.is_text else ""
    if isinstance(cell, Missing):
        kinds += " missing"
    elif isinstance(cell, Text) and len(cell.text) > _LONG_TEXT:
        kinds += " long"
    value = _sort_value(cell)
    attributes = ' scope="row"' if tag == "th" else ""
    attributes += f' class="{kinds.lstrip()}"' if kinds else ""
    attributes += "" if value is None else f' data-sort="{_javascript(value)}"'
    return f"<{tag}{attributes}>{cell_html(cell)}</{tag}>"


def _scalar(cell: Scalar) -> str:
    if isinstance(cell, Number) and cell.verdict:
        kind = f" {cell.verdict}" if cell.verdict in _VERDICTS else ""
        verdict = f'<span class="verdict{kind}">{escape(cell.verdict)}</span>'
        return f"{_scalar(replace(cell, verdict=''))} {verdict}"
    if isinstance(cell, Missing):  # the only cell of one metric with free text
        return escape(cell.why)
    return _EMPHASES[emphasis_of(cell)].format(scalar_text(cell))


def _sort_value(cell: Cell) -> float | None:
    """Return the value by which a cell is sorted; None without one, as for text."""
    match cell:
        case Text() | Missing():
            return None
        case Dual():
            first = _sort_value(cell.nonnegative)
            return _sort_value(cell.positive) if first is None else first
        case Number():
            value: float | None = cell.value
        case Interval():
            value = cell.summary.low
        case _:
            value = cell.summary.mean
    return None if value is None or math.isnan(value) else value


def _javascript(value: float) -> str:
    return repr(value) if math.isfinite(value) else "-Infinity" if value < 0 else "Infinity"


def _notes(table: Table) -> str:
    explained = [f"<li>{text}</li>" for text in legend(table, _LEGEND)]
    text = notes_html(table.notes, explained=explained)
    return f"\n{text}" if text else ""
