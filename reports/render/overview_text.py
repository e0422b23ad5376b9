"""An overview as plain text that fits on one screen of a terminal."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
_BULLET = "- "
_NARROWEST = 20  # textwrap does not end if its indent is wider than the line
_LEAST_FIRST = 16  # characters to which the first column may shrink
_WIDEST_CELL = 40
_LONGEST_COMMAND = 800


def terminal_overview(overview: Overview, width: int = 80, *, most: int = MOST_LINES) -> str:
    """Return ``overview`` in at most ``most`` lines of a terminal of ``width`` characters.

    What would not fit is left out in favour of the written report, and a line says so: rows of
    tables that have many, the ends of long notes, more rows, more of the notes, commands.
    """
    width = max(width, _NARROWEST)
    overview = _shortened(overview, longest=_LONGEST_COMMAND)
    rows = {each.name: len(each.table.rows) for each in overview.sections if each.table}
    screen = _Screen(overview=overview, rows=rows, width=width, most=most)
    screen.leave_out_rows(_KEPT)
    screen.clip_notes(2)
    screen.leave_out_rows({})
    screen.clip_notes(1)
    screen.leave_out_commands()
    return "\n".join(line.rstrip() for line in screen.lines())


@dataclass(kw_only=True)
class _Screen:
    """An overview that is shortened until it fits.

    Attributes:
        overview: what is left of it.
        rows: how many rows each section's table shows.
        width: characters of a line.
        most: lines that there are.
    """

    overview: Overview
    rows: dict[str, int]
    width: int
    most: int

    def lines(self) -> list[str]:
        return _lines(self.overview, self.rows, width=self.width)

    def is_full(self) -> bool:
        return _height(self.lines(), self.width) > self.most

    def leave_out_rows(self, least: Mapping[str, int]) -> None:
        """Leave out rows of the tables that have most to spare until it fits or none can go."""
        while self.is_full():
            spare = {name: count - least.get(name, 1) for name, count in self.rows.items()}
            name = max(spare, key=lambda each: spare[each], default="")
            if not name or spare[name] <= 0:
                return
            self.rows[name] -= 1

    def leave_out_commands(self) -> None:
        """Leave out the commands, the last one first: the first is what to do next."""
        for note in reversed(self._notes()):
            if self.is_full() and note.command is not None:
                self.overview = _replaced(self.overview, note, other=_without_command(note))

    def clip_notes(self, most: int) -> None:
        """Clip the longest notes to ``most`` lines, one after the other until it fits."""
        for note in sorted(self._notes(), key=lambda each: len(each.text), reverse=True):
            if self.is_full() and note.command is None:
                shorter = _clipped(note, self.width, most=most)
                self.overview = _replaced(self.overview, note, other=shorter)

    def _notes(self) -> list[Note]:
        return [note for section in self.overview.sections for note in section.notes]


def _clipped(note: Note, width: int, *, most: int) -> Note:
    """Return ``note`` in at most ``most`` lines of ``width`` characters."""
    lines = textwrap.wrap(one_line(note.text), width - len(_BULLET))
    if len(lines) <= most:
        return note
    return replace(note, text=clipped(note.text, len(" ".join(lines[:most]))))


def _replaced(overview: Overview, note: Note, *, other: Note) -> Overview:
    return replace(
        overview,
        sections=tuple(
            replace(each, notes=tuple(other if one is note else one for one in each.notes))
            for each in overview.sections
        ),
    )


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
        left_out = len(section.table.rows) - rows
        if left_out == 1:  # it takes no more lines than to say that it is left out
            rows, left_out = rows + 1, 0
        lines += _table(replace(section.table, rows=section.table.rows[:rows]), width)
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
    lines = textwrap.wrap(text, width, initial_indent=_BULLET, subsequent_indent="  ")
    return lines if note.command is None else [*lines, f"    {one_line(note.command)}"]


def _shortened(overview: Overview, *, longest: int) -> Overview:
    """Return ``overview`` without commands of more than ``longest`` characters."""
    for section in overview.sections:
        for note in section.notes:
            if len(note.command or "") > longest:
                overview = _replaced(overview, note, other=_without_command(note))
    return overview


def _without_command(note: Note) -> Note:
    return Note(f"{note.text} a long command; the written report has it.")
