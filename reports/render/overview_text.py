"""An overview as plain text that fits on one screen of a terminal."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.content.overview import Overview, Section
from reports.content.shortened import clipped
from reports.content.table import Cell, Note, Table
from reports.content.visible import one_line
from reports.render.terminal import shown_cell, terminal_table

MOST_LINES = 35
"""Lines of an overview; the files of a report and the prompt of a shell have the others of 40."""

_KEPT: Mapping[str, int] = {"configuration": 2, "scores": 4, "effects": 3}
"""Rows that a table keeps as long as another one has more than it needs."""
_GAP = "  "
_NARROWEST = 20  # textwrap does not end if its indent is wider than the line
_LEAST_FIRST = 16  # characters to which the first column may shrink
_WIDEST_CELL = 40
_LONGEST_COMMAND = 800


def terminal_overview(overview: Overview, width: int = 80, *, most: int = MOST_LINES) -> str:
    """Return ``overview`` in at most ``most`` lines of a terminal of ``width`` characters.

    Its tables show fewer rows where all would not fit; a line says how many are left out. Commands
    that would still not fit are left out in favour of the written report.
    """
    width = max(width, _NARROWEST)
    overview = _shortened(overview, longest=_LONGEST_COMMAND)
    rows = {each.name: len(each.table.rows) for each in overview.sections if each.table}
    lines = _lines(overview, rows, width=width)
    while _height(lines, width) > most and (name := _next_to_shorten(rows)):
        rows[name] -= 1
        lines = _lines(overview, rows, width=width)
    if _height(lines, width) > most:
        lines = _lines(_shortened(overview, longest=0), rows, width=width)
    return "\n".join(line.rstrip() for line in lines)


def _next_to_shorten(rows: Mapping[str, int]) -> str:
    """Return the section whose table loses a row next; "" if each has only one left."""
    least: Mapping[str, int]
    for least in (_KEPT, {}):
        spare = {name: count - least.get(name, 1) for name, count in rows.items()}
        name = max(spare, key=lambda each: spare[each], default="")
        if name and spare[name] > 0:
            return name
    return ""


def _height(lines: Sequence[str], width: int) -> int:
    """Return how many lines of the terminal these take; a long command takes several."""
    return sum(max(1, -(-len(line) // width)) for line in lines)


def _lines(overview: Overview, rows: Mapping[str, int], *, width: int) -> list[str]:
    lines: list[str] = []
    for section in overview.sections:
        lines += [""] if lines else []
        lines += _section(section, rows.get(section.name, 0), width=width)
    return lines


def _section(section: Section, rows: int, *, width: int) -> list[str]:
    lines = textwrap.wrap(one_line(section.title), width)
    if section.table is not None:
        lines += _table(replace(section.table, rows=section.table.rows[:rows]), width)
        left_out = len(section.table.rows) - rows
        lines += [f"{_GAP}and {left_out} more in the written report"] if left_out else []
    for note in section.notes:
        lines += _note(note, width)
    return lines


def _table(table: Table, width: int) -> list[str]:
    """Return headings and rows; on a narrow terminal as any other table."""
    lines = [[one_line(column.title) for column in table.columns], *map(_cells, table.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    gaps = len(_GAP) * len(widths)
    if sum(widths) + gaps > width:
        widths[0] = max(width - gaps - sum(widths[1:]), min(widths[0], _LEAST_FIRST))
    if sum(widths) + gaps > width:
        return terminal_table(table, width).splitlines()[2:]
    return [
        _GAP
        + _GAP.join(
            clipped(cell, size).ljust(size) if column.is_text else cell.rjust(size)
            for cell, size, column in zip(line, widths, table.columns, strict=True)
        )
        for line in lines
    ]


def _cells(row: Sequence[Cell]) -> list[str]:
    first, *others = map(shown_cell, row)
    return [first, *(clipped(text, _WIDEST_CELL) for text in others)]


def _note(note: Note, width: int) -> list[str]:
    text = one_line(note.text)
    lines = textwrap.wrap(text, width, initial_indent="- ", subsequent_indent="  ")
    return lines if note.command is None else [*lines, f"    {one_line(note.command)}"]


def _shortened(overview: Overview, *, longest: int) -> Overview:
    """Return ``overview`` without commands of more than ``longest`` characters."""

    def short(note: Note) -> Note:
        if len(note.command or "") <= longest:
            return note
        return Note(f"{note.text} a long command; the written report has it.")

    sections = (replace(each, notes=tuple(map(short, each.notes))) for each in overview.sections)
    return replace(overview, sections=tuple(sections))
