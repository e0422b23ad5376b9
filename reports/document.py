"""A report of one run: its tables computed, drawn and written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reports.errors import ReportError, UnknownNameError
from reports.load import load_results
from reports.render import RENDERERS
from reports.render.markdown import escape
from reports.render.terminal import terminal_table
from reports.storage import Place, write_whole
from reports.table import Table
from reports.tables import TABLES

FORMATS: tuple[str, ...] = tuple(RENDERERS)


@dataclass(frozen=True, slots=True)
class Report:
    """The tables of one run, computed.

    Attributes:
        run: the name of the run.
        folder: where it lies; its report goes to ``report/`` in it unless told otherwise.
        tables: in the order of the report.
    """

    run: str
    folder: Place
    tables: tuple[Table, ...]


def build_report(folder: Place, tables: Sequence[str] | None = None) -> Report:
    """Compute the tables of the run in ``folder``.

    Args:
        folder: of the run.
        tables: names of ``TABLES``; all of them when None. The summary always opens a report.

    Raises:
        UnknownNameError: a table is not in ``TABLES``.
        RunNotFoundError: ``folder`` is not a run.
        ReportError: the run holds no trial that ended.
    """
    names = _known("table", tables, TABLES)
    results = load_results(folder)
    if not results.trials:
        raise ReportError(
            f"the run {folder} has no trial that ended: expected at least one; start or continue "
            f"it with `{results.experiment.command or 'sugrm-search run SPACE'}`"
            + "".join(f"\n{warning}" for warning in results.warnings)
        )
    wanted = [name for name in TABLES if name == "summary" or name in names]
    built = tuple(table for name in wanted for table in TABLES[name](results))
    return Report(results.experiment.name, folder, built)


def markdown_text(report: Report) -> str:
    """Return the whole report as Markdown."""
    parts = [f"# Report: {escape(report.run)}", *map(RENDERERS["md"], _shown(report))]
    return "\n\n".join(parts) + "\n"


def terminal_text(report: Report, width: int = 100) -> str:
    """Return the whole report as plain text for a terminal of ``width`` characters."""
    return "\n\n".join(terminal_table(table, width) for table in _shown(report)) + "\n"


def save_report(
    report: Report, out: Place | None = None, formats: Sequence[str] = FORMATS
) -> list[Place]:
    """Write ``report.md`` and one CSV file a table; each file appears whole or not at all.

    Args:
        report: what to write.
        out: folder, made where missing; ``report/`` in the run folder when None.
        formats: names of ``RENDERERS``.

    Returns:
        The files written.

    Raises:
        UnknownNameError: a format is not in ``RENDERERS``.
        ReportError: a file cannot be written.
    """
    wanted = _known("format", formats, RENDERERS)
    folder = report.folder / "report" if out is None else out
    texts: dict[str, str] = {}
    if "md" in wanted:
        texts["report.md"] = markdown_text(report)
    if "csv" in wanted:
        for name, table in _file_names(report.tables):
            texts[f"{name}.csv"] = RENDERERS["csv"](table)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_write(folder / name, text) for name, text in texts.items()]
    except OSError as error:
        raise ReportError(
            f"cannot write the report to {folder}: {error.strerror or error}; "
            "expected a folder with room in it; name another with --out"
        ) from error


def write_report(
    folder: Place,
    out: Place | None = None,
    formats: Sequence[str] = FORMATS,
    tables: Sequence[str] | None = None,
) -> list[Place]:
    """Build the report of the run in ``folder`` and write it; see ``save_report``."""
    return save_report(build_report(folder, tables), out, formats)


def _shown(report: Report) -> Iterator[Table]:
    return (table for table in report.tables if not table.is_data)


def _known(what: str, names: Sequence[str] | None, known: Iterable[str]) -> set[str]:
    allowed = set(known)
    for name in names or ():
        if name not in allowed:
            raise UnknownNameError(what, name, allowed)
    return allowed if names is None else set(names)


def _file_names(tables: Iterable[Table]) -> list[tuple[str, Table]]:
    """Return a safe and unique file name for each table; names of ablations are free text."""
    named: dict[str, Table] = {}
    for table in tables:
        plain = re.sub(r"[^a-z0-9-]+", "_", table.name.lower()).strip("_") or "table"
        name, number = plain, 2
        while name in named:
            name, number = f"{plain}_{number}", number + 1
        named[name] = table
    return list(named.items())


def _write(path: Place, text: str) -> Place:
    write_whole(path, text.encode("utf-8"))
    return path
