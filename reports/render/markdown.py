"""Tables as GitHub Markdown, in columns that also line up as plain text."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from reports.content.overview import Overview, Section
from reports.content.table import Cell, Column, Dual, Emphasis, Note, Scalar, Table, Text
from reports.content.visible import one_line, visible_lines
from reports.render.cell_text import emphasis_of, legend, scalar_text

# The last two would make links of addresses on GitHub.
_ACTIVE = re.compile(
    r"[\\`*\[\]<>|~&$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.", re.IGNORECASE
)
_OPENING = re.compile(r"^\s*(?:[#+=-]|\d+(?=[.)]))")  # of a heading or a list in a list
_BREAK = "<br>"
_EMPHASES = {
    Emphasis.NONE: "{}",
    Emphasis.BEST: "**{}**",
    Emphasis.BETTER: "<u>{}</u>",
    Emphasis.BEST_AND_BETTER: "**<u>{}</u>**",
}
_LEGEND = {
    Emphasis.BEST: "**Bold**: the best mean of its column, ties included.",
    Emphasis.BETTER: "<u>Underlined</u>: a better mean than the baseline's.",
}


def markdown_table(table: Table) -> str:
    """Return ``table`` with its title and notes; all text is escaped."""
    head = [escape(_title(column)) for column in table.columns]
    body = [[_cell(cell) for cell in row] for row in table.rows]
    widths = [max(3, *map(len, column)) for column in zip(head, *body, strict=True)]
    rule = [
        "-" * width if column.is_text else "-" * (width - 1) + ":"
        for column, width in zip(table.columns, widths, strict=True)
    ]
    texts = [column.is_text for column in table.columns]
    lines = [_line(head, widths, texts=texts), _line(rule, widths, texts=texts)]
    lines += [_line(row, widths, texts=texts) for row in body]
    explained = (f"- {text}" for text in legend(table, _LEGEND))
    notes = "\n".join([*explained, *(_note(note) for note in table.notes)])
    return "\n\n".join(
        part for part in (f"## {escape(table.title)}", "\n".join(lines), notes) if part
    )


def markdown_overview(overview: Overview) -> str:
    """Return ``overview`` under the heading Overview; all text is escaped."""
    return "\n\n".join(["## Overview", *map(_section, overview.sections)])


def _section(section: Section) -> str:
    if section.table is not None:
        return (
            f"#{markdown_table(replace(section.table, title=section.title, notes=section.notes))}"
        )
    notes = "\n".join(map(_note, section.notes))
    return "\n\n".join(filter(None, [f"### {escape(section.title)}", notes]))


def escape(text: str) -> str:
    r"""Return ``text`` escaped for Markdown, on the one line of a cell.

    >>> print(escape("remove *MRM* | batch_size"))
    remove \*MRM\* \| batch_size
    """
    lines = visible_lines(text).split("\n")
    return _BREAK.join(_ACTIVE.sub(lambda match: "\\" + match[0], line) for line in lines)


def code(text: str, *, in_table: bool = False) -> str:
    """Return ``text`` as a code span; backticks and, ``in_table``, pipes are allowed in it."""
    shown = one_line(text).strip()
    if not shown:
        return ""
    longest = max((len(list(run)) for tick, run in groupby(shown) if tick == "`"), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return fence + pad + (shown.replace("|", "\\|") if in_table else shown) + pad + fence


def _title(column: Column) -> str:
    return f"{column.group} {column.title}" if column.group else column.title


def _cell(cell: Cell) -> str:
    match cell:
        case Text():
            return code(cell.text, in_table=True) if cell.code else escape(cell.text)
        case Dual():
            return f"{_scalar(cell.nonnegative)} / {_scalar(cell.positive)}"
        case _:
            return _scalar(cell)


def _scalar(cell: Scalar) -> str:
    return _EMPHASES[emphasis_of(cell)].format(scalar_text(cell))


def _line(cells: Sequence[str], widths: Sequence[int], *, texts: Sequence[bool]) -> str:
    padded = (
        cell.ljust(width) if is_text else cell.rjust(width)
        for cell, width, is_text in zip(cells, widths, texts, strict=True)
    )
    return f"| {' | '.join(padded)} |"


def _note(note: Note) -> str:
    command = "" if note.command is None else f" {code(note.command)}"
    text = _OPENING.sub(lambda match: _escaped_opening(match[0]), escape(note.text))
    return f"- {text}{command}"


def _escaped_opening(opening: str) -> str:
    """Return an escaped form of characters that would begin a block."""
    return f"{opening}\\" if opening[-1].isdigit() else f"{opening[:-1]}\\{opening[-1]}"
