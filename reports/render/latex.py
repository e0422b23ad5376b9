r"""Tables as LaTeX, for pdflatex with the packages booktabs, graphicx and textcomp.

What is printed is plain ASCII, so it does not depend on the encoding of the paper's input or of its
fonts; ``reports.render.latex_text`` defines how each character is set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from reports.content.table import Cell, Column, Dual, Emphasis, Note, Scalar, Table, Text
from reports.content.visible import one_line
from reports.render.cell_text import cell_text, emphasis_of, legend, scalar_text
from reports.render.latex_text import code, escape, number

_MOST_ROWS = 45  # what a page holds; a float cannot break
_ONE_COLUMN = 60  # characters of a row that one column of a two-column paper may hold
_WAITING = 6  # floats that wait for a page before they are flushed; LaTeX gives up at 18
_LONG_TEXT = 40  # characters from which the text of a column wraps
_EMPHASES = {
    Emphasis.NONE: "{}",
    Emphasis.BEST: r"\textbf{{{}}}",
    Emphasis.BETTER: r"\underline{{{}}}",
    Emphasis.BEST_AND_BETTER: r"\textbf{{\underline{{{}}}}}",
}
_LEGEND = {
    Emphasis.BEST: r"\textbf{Bold}: the best mean of its column, ties included.",
    Emphasis.BETTER: r"\underline{Underlined}: a better mean than the baseline's.",
}
# Shrunk to the line width, then to the page height, only if it is too large.
_FITTED = r"""\sbox0{%
@%
}%
\ifdim\wd0>\linewidth\sbox0{\resizebox{\linewidth}{!}{\usebox0}}\fi
\ifdim\dimexpr\ht0+\dp0\relax>0.7\textheight
  \sbox0{\resizebox*{!}{0.7\textheight}{\usebox0}}\fi
\usebox0"""
_PREAMBLE = r"""\documentclass{article}
\usepackage[margin=2cm]{geometry}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage{textcomp}
\begin{document}
"""


@dataclass(frozen=True, slots=True)
class _Layout:
    """A column, and whether its text wraps."""

    column: Column
    wraps: bool

    @property
    def alignment(self) -> str:
        if self.wraps:
            return r"p{0.4\linewidth}"
        return "l" if self.column.is_text else "r"


def latex_table(table: Table) -> str:
    r"""Return ``table`` as a floating environment with caption, label and notes.

    A wide table is a ``table*``, which spans both columns of a paper. Rows past the 45 that fit
    on a page are left out, and a note says so. So are rows for which nothing has run, unless
    that is every row. The commands of notes are comments: they are for whoever writes the paper.
    """
    table = _without_unrun(table)
    shown = replace(table, rows=table.rows[:_MOST_ROWS])
    kind = "table*" if _width(shown) > _ONE_COLUMN else "table"
    lines = [
        rf"\begin{{{kind}}}[htbp]",
        *_commands(table),
        r"\centering",
        rf"\caption{{{escape(table.title)}}}",
        rf"\label{{tab:{_label(table.name)}}}",
        r"\par\smallskip",
        _FITTED.replace("@", "\n".join(_tabular(shown))),
        *_notes(table),
        rf"\end{{{kind}}}",
    ]
    return "\n".join(lines)


def _without_unrun(table: Table) -> Table:
    """Return ``table`` without the rows for which nothing has run; a note names them."""
    kept = [row for place, row in enumerate(table.rows) if place not in table.unrun]
    if not kept or len(kept) == len(table.rows):
        return table
    firsts = (table.rows[place][0] for place in table.unrun)
    names = [cell_text(first) for first in firsts if not cell_text(first).startswith(" ")]
    note = Note(f"Not run and left out here (--unrun keeps them): {'; '.join(names)}.")
    return replace(table, rows=tuple(kept), unrun=(), notes=(note, *table.notes))


def latex_document(title: str, tables: Sequence[Table]) -> str:
    """Return a complete article of ``tables`` that compiles."""
    head = rf"\section*{{{escape(title)}}}"
    parts = [_PREAMBLE + head]
    for place, table in enumerate(tables, start=1):
        parts += [latex_table(table), *([r"\clearpage"] if place % _WAITING == 0 else [])]
    return "\n\n".join([*parts, r"\end{document}"]) + "\n"


def _tabular(table: Table) -> Iterator[str]:
    layouts = [
        _Layout(column, column.is_text and _longest(cells) > _LONG_TEXT)
        for column, cells in zip(table.columns, _columns(table), strict=True)
    ]
    yield rf"\begin{{tabular}}{{@{{}}{''.join(each.alignment for each in layouts)}@{{}}}}"
    yield r"\toprule"
    yield from _head(table.columns)
    for row in table.rows:
        cells = (_cell(cell, layout) for cell, layout in zip(row, layouts, strict=True))
        yield rf"{' & '.join(cells)} \tabularnewline"
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _head(columns: Sequence[Column]) -> Iterator[str]:
    """Yield the groups with a rule below each, then the titles; nothing if all are empty."""
    if any(column.group for column in columns):
        names, rules, first = [], [], 1
        for group, members in groupby(columns, key=lambda column: column.group):
            count = len(list(members))
            names.append(rf"\multicolumn{{{count}}}{{c}}{{{escape(group)}}}")
            if group:
                rules.append(rf"\cmidrule(lr){{{first}-{first + count - 1}}}")
            first += count
        yield rf"{' & '.join(names)} \tabularnewline"
        yield "".join(rules)
    if any(column.title for column in columns):
        yield rf"{' & '.join(escape(column.title) for column in columns)} \tabularnewline"
        yield r"\midrule"


def _cell(cell: Cell, layout: _Layout) -> str:
    if isinstance(cell, Text):
        text = code(cell.text) if cell.code else escape(cell.text)
        return rf"\raggedright {text}" if layout.wraps else text
    if isinstance(cell, Dual):
        return f"{_scalar(cell.nonnegative)} / {_scalar(cell.positive)}"
    return _scalar(cell)


def _scalar(cell: Scalar) -> str:
    return _EMPHASES[emphasis_of(cell)].format(number(scalar_text(cell)))


def _notes(table: Table) -> Iterator[str]:
    cut = len(table.rows) > _MOST_ROWS
    rest = f"Rows {_MOST_ROWS + 1} to {len(table.rows)} are left out here."
    lines = [
        *([escape(rest)] if cut else []),
        *legend(table, _LEGEND),
        *(escape(text) for note in table.notes if (text := _printed(note))),
    ]
    if lines:
        yield r"\par\smallskip"
        yield r"\begin{minipage}{\linewidth}\footnotesize\raggedright"
        yield "\\par\n".join(lines)
        yield r"\end{minipage}"


def _printed(note: Note) -> str:
    """Return a note's text without its last sentence if that announces a command."""
    if note.command is None:
        return note.text
    before, stop, _ = note.text.rpartition(". ")
    return before + stop.rstrip()


def _commands(table: Table) -> Iterator[str]:
    """Yield a comment for each command of a note, after the sentence that announces it."""
    for note in table.notes:
        if note.command:
            announced = note.text.removeprefix(_printed(note)).lstrip()
            yield f"% {one_line(f'{announced} {note.command}')}"


def _columns(table: Table) -> Iterator[list[Cell]]:
    return ([row[place] for row in table.rows] for place in range(len(table.columns)))


def _longest(cells: Sequence[Cell]) -> int:
    return max((len(cell_text(cell)) for cell in cells), default=0)


def _width(table: Table) -> int:
    """Return the number of characters of the widest row."""
    widest = zip(table.columns, _columns(table), strict=True)
    return sum(2 + max(len(column.title), _longest(cells)) for column, cells in widest)


def _label(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())
