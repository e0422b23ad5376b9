"""A report as files: what each format writes, and where."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from reports.build import Report
from reports.content.figure import Figure
from reports.content.table import Note, Table
from reports.errors import ReportError, UnknownNameError
from reports.ledger.places.storage import Place, place, write_whole
from reports.render import RENDERERS
from reports.render.latex import latex_document
from reports.render.markdown import escape, markdown_overview
from reports.render.overview_text import terminal_overview
from reports.render.terminal import terminal_table

Files = Iterator[tuple[str, bytes]]
"""Path within the report's folder, and content."""
T = TypeVar("T", Table, Figure)

DEFAULT_FORMATS = ("md", "csv", "html")
"""Formats of a report by default."""
_MOST_ROWS = 100


def markdown_text(report: Report) -> str:
    """Return the whole report as Markdown."""
    tables = (RENDERERS["md"](_short(table)) for table in shown(report))
    overview = [markdown_overview(report.overview)] if report.overview else []
    parts = [f"# Report: {escape(report.title)}", *overview, *tables]
    return "\n\n".join(parts) + "\n"


def terminal_text(report: Report, width: int = 100) -> str:
    """Return the whole report as plain text for a terminal of ``width`` characters."""
    return "\n\n".join(terminal_table(table, width) for table in shown(report)) + "\n"


def overview_text(report: Report, width: int = 80) -> str:
    """Return the overview of a report as plain text for one screen of ``width`` characters.

    A report without an overview, of two runs side by side, is returned whole.
    """
    if report.overview is None:
        return terminal_text(report, width)
    return terminal_overview(report.overview, width) + "\n"


def html_text(report: Report) -> str:
    """Return the whole report as one page that needs no other file."""
    from reports.page import Page, page_text
    from reports.render.drawing import draw_inline_svg

    summary, *tables = shown(report)
    page = Page(
        title=report.title,
        overview=report.overview,
        key_numbers=report.key_numbers,
        summary=summary,
        tables=[_short(table) for table in tables],
        trials=report.trials,
        figures=[(figure, draw_inline_svg(figure)) for figure in report.figures],
        provenance=report.provenance,
        command=report.command,
        space=report.space,
    )
    return page_text(page)


def _short(table: Table) -> Table:
    """Return the first 100 rows of a table; nobody reads more in a document."""
    if len(table.rows) <= _MOST_ROWS:
        return table
    left_out = Note(
        f"The first {_MOST_ROWS} of {len(table.rows)} rows; its CSV file (--format csv) has all."
    )
    return replace(table, rows=table.rows[:_MOST_ROWS], notes=(left_out, *table.notes))


def shown(report: Report) -> Iterator[Table]:
    """Yield the tables for readers, without those that are data."""
    return (table for table in report.tables if not table.is_data)


def save_report(
    report: Report,
    out: Place | str | os.PathLike[str] | None = None,
    *,
    formats: Sequence[str] = DEFAULT_FORMATS,
) -> list[Place]:
    """Write a report into a folder; each file appears whole or not at all.

    Args:
        report: the report to write.
        out: target folder, created if missing; None for the report's own folder.
        formats: names from ``FORMATS``.

    Returns:
        The files written.

    Raises:
        UnknownNameError: a format is not in ``FORMATS``.
        ReportError: a file cannot be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise UnknownNameError("format", name, known=FORMATS)
    folder = report.folder if out is None else place(out)
    files = [file for name in FORMATS if name in formats for file in FORMATS[name](report)]
    try:
        return [_write(folder, name, content=content) for name, content in files]
    except OSError as error:
        raise ReportError(
            f"cannot write the report to {folder}: {error.strerror or error}; "
            "expected a writable folder with free space; name another one with --out"
        ) from error


def _markdown_files(report: Report) -> Files:
    yield "report.md", markdown_text(report).encode()


def _csv_files(report: Report) -> Files:
    tables = (*report.tables, *([report.trials] if report.trials else ()))
    for name, table in _named(tables).items():
        yield f"{name}.csv", RENDERERS["csv"](table).encode()


def _latex_files(report: Report) -> Files:
    """Yield a document of all tables, and each table as a file for another document."""
    tables = tuple(shown(report))
    yield "report.tex", latex_document(report.title, tables).encode()
    for name, table in _named(tables).items():
        yield f"tables/{name}.tex", RENDERERS["tex"](table).encode()


def _html_files(report: Report) -> Files:
    yield "report.html", html_text(report).encode()


def _svg_files(report: Report) -> Files:
    from reports.render.drawing import draw_svg

    for name, figure in _named(report.figures).items():
        yield f"figures/{name}.svg", draw_svg(figure).encode()


def _png_files(report: Report) -> Files:
    from reports.render.drawing import draw_png

    for name, figure in _named(report.figures).items():
        yield f"figures/{name}.png", draw_png(figure)


FORMATS: dict[str, Callable[[Report], Files]] = {
    "md": _markdown_files,
    "tex": _latex_files,
    "html": _html_files,
    "csv": _csv_files,
    "svg": _svg_files,
    "png": _png_files,
}
"""By the format's name, which is also the ending of its files."""


def _named(things: Sequence[T]) -> Mapping[str, T]:
    """Return each under a safe and unique file name; names of ablations are free text."""
    named: dict[str, T] = {}
    for thing in things:
        plain = re.sub(r"[^a-z0-9-]+", "_", thing.name.lower()).strip("_") or "unnamed"
        name, number = plain, 2
        while name in named:
            name, number = f"{plain}_{number}", number + 1
        named[name] = thing
    return named


def _write(folder: Place, name: str, *, content: bytes) -> Place:
    path = folder
    for part in name.split("/"):
        path = path / part
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
    return path
