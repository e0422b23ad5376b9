"""An overview as plain text that fits on one screen of a terminal."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from reports.content.overview import Overview, Section
from reports.content.shortened import clipped
from reports.content.table import Cell, Note, Table
from reports.content.visible import one_line
from reports.render.names import shortened
from reports.render.terminal import shown_cell, terminal_table

MOST_LINES = 36
"""Lines of an overview; the files of a report and the prompt of a shell have the others of 40."""

_KEPT: Mapping[str, int] = {"configuration": 2, "scores": 4, "effects": 3}
"""Rows that a table keeps as long as another one has more than it needs."""
_GAP = "  "
_BULLET = "- "
_NARROWEST = 20  # textwrap does not end if its indent is wider than the line
_LEAST_FIRST = 16  # characters to which the first column may shrink
_WIDEST_CELL = 40
_LONGEST_COMMAND = 800
_NEXT = "next"  # the section whose notes are never clipped: they say what to type


def terminal_overview(overview: Overview, width: int = 80, *, most: int = MOST_LINES) -> str:
    """Return ``overview`` in at most ``most`` lines of a terminal of ``width`` characters.

    What would not fit is left to the written report: rows of tables that have many, the ends of
    long notes, more rows, commands, more of the notes. Notes that ask for attention and what to do
    next are whole, so very many of them, or a narrow terminal, still take more lines.
    """
    screen = _Screen(overview=overview, width=max(width, _NARROWEST), most=most)
    screen.leave_out_rows(_KEPT)
    screen.clip_notes(2)
    screen.leave_out_rows({})
    screen.leave_out_commands()
    screen.clip_notes(1)
    return "\n".join(line.rstrip() for line in screen.lines())


_Place = tuple[str, int]  # a note: the name of its section, and its number there


@dataclass(kw_only=True)
class _Screen:
    """An overview that is shortened until it fits.

    Attributes:
        overview: the overview.
        width: characters of a line.
        most: lines that there are.
        rows: how many rows the table of each section shows.
        note_lines: the most lines of notes that are clipped.
        without_command: notes whose command is left out.
    """

    overview: Overview
    width: int
    most: int
    rows: dict[str, int] = field(init=False)
    note_lines: dict[_Place, int] = field(default_factory=dict)
    without_command: set[_Place] = field(init=False)

    def __post_init__(self) -> None:
        sections = self.overview.sections
        self.rows = {each.name: len(each.table.rows) for each in sections if each.table}
        self.without_command = {
            place for place, note in self._notes() if len(note.command or "") > _LONGEST_COMMAND
        }

    def lines(self) -> list[str]:
        lines: list[str] = []
        for section in self.overview.sections:
            lines += [""] if lines else []
            lines += textwrap.wrap(one_line(section.title), self.width)
            lines += self._table(section)
            for number, note in enumerate(section.notes):
                lines += self._note(note, (section.name, number))
        return lines

    def leave_out_rows(self, least: Mapping[str, int]) -> None:
        """Leave out rows of the tables that have most to spare until it fits or none can go."""
        while self._is_full():
            spare = {name: count - least.get(name, 1) for name, count in self.rows.items()}
            name = max(spare, key=lambda each: spare[each], default="")
            if not name or spare[name] <= 0:
                return
            self.rows[name] -= 1

    def clip_notes(self, most: int) -> None:
        """Clip the longest notes to ``most`` lines, one after the other until it fits."""
        places = [
            (place, note)
            for place, note in self._notes()
            if place[0] != _NEXT and not note.is_attention and note.command is None
        ]
        for place, _ in sorted(places, key=lambda each: len(each[1].text), reverse=True):
            if self._is_full():
                self.note_lines[place] = most

    def leave_out_commands(self) -> None:
        """Leave out commands, the last one first, since the first is what to do next."""
        for place, note in reversed(self._notes()):
            height = self._height()
            if height > self.most and note.command is not None:
                self.without_command.add(place)
                if self._height() >= height:  # a short one: without it nothing is won
                    self.without_command.discard(place)

    def _is_full(self) -> bool:
        return self._height() > self.most

    def _height(self) -> int:
        """Return how many lines of the terminal it takes; a long command takes several."""
        return sum(max(1, -(-len(line) // self.width)) for line in self.lines())

    def _notes(self) -> list[tuple[_Place, Note]]:
        return [
            ((section.name, number), note)
            for section in self.overview.sections
            for number, note in enumerate(section.notes)
        ]

    def _table(self, section: Section) -> list[str]:
        if section.table is None:
            return []
        rows = self.rows[section.name]
        left_out = len(section.table.rows) - rows
        if left_out == 1:  # it takes no more lines than to say that it is left out
            rows, left_out = rows + 1, 0
        lines = _table(replace(section.table, rows=section.table.rows[:rows]), self.width)
        return [*lines, f"{_GAP}and {left_out} more in the written report"] if left_out else lines

    def _note(self, note: Note, place: _Place) -> list[str]:
        text, command = one_line(note.text), note.command
        if command is not None and place in self.without_command:
            text, command = f"{text} (the command is in the written report)", None
        lines = textwrap.wrap(
            text,
            self.width,
            initial_indent=_BULLET,
            subsequent_indent=" " * len(_BULLET),
            max_lines=self.note_lines.get(place),
            placeholder="…",
        )
        return lines if command is None else [*lines, f"    {one_line(command)}"]


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
            (cell if len(cell) <= size else shortened(cell, size)).ljust(size)
            if column.is_text
            else cell.rjust(size)
            for cell, size, column in zip(line, widths, table.columns, strict=True)
        )
        for line in lines
    ]


def _cells(row: Sequence[Cell]) -> list[str]:
    first, *others = map(shown_cell, row)
    return [first, *(clipped(text, _WIDEST_CELL) for text in others)]
