"""``sugrm-search report``: tables of finished runs, on the terminal and as files."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import RunsFolder

if TYPE_CHECKING:
    from reports import Report
    from reports.storage import Place

EXAMPLES = """\b
Examples:
  sugrm-search report
  sugrm-search report demo --tables confirmed --format csv --out tables
"""


class Format(StrEnum):
    """A format of files."""

    MARKDOWN = "md"
    CSV = "csv"


def report(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN...]", help="Default: every run.")
    ] = None,
    runs: RunsFolder = Path("runs"),
    tables: Annotated[
        str | None,
        typer.Option("--tables", metavar="NAME,...", help="Only these, as in confirmed,ablations."),
    ] = None,
    file_format: Annotated[
        Format | None, typer.Option("--format", help="Write only this; default: both.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for the files; default RUN/report."),
    ] = None,
) -> None:
    """Show the tables of runs and write them as Markdown and CSV."""
    from reports import ReportError, save_report, terminal_text
    from reports.storage import check_reachable

    check_reachable(runs)
    chosen = names or sorted(path.parent.name for path in runs.glob("*/experiment.json"))
    if not chosen:
        raise typer.BadParameter(
            f"{runs} holds no run; start one with: sugrm-search run spaces/demo.yaml",
            param_hint="--runs",
        )
    wanted = [table.strip() for table in tables.split(",")] if tables is not None else None
    formats = [file_format] if file_format is not None else list(Format)
    built, left_out = _built([runs / name for name in chosen], wanted)
    for each in built:
        typer.echo(terminal_text(each, width=typer.get_terminal_size((100, 24)).columns))
        folder = out / each.folder.name if out is not None and len(chosen) > 1 else out
        for path in save_report(each, folder, formats):
            typer.echo(f"wrote {path}")
    if left_out and (names or not built):
        raise ReportError("\n".join(left_out))
    for message in left_out:
        typer.echo(f"left out: {message}", err=True)


def _built(folders: "list[Place]", tables: list[str] | None) -> tuple[list["Report"], list[str]]:
    """Return the reports that can be made, and why each other one cannot."""
    from reports import ReportError, UnknownNameError, build_report

    built, left_out = [], []
    for folder in folders:
        try:
            built.append(build_report(folder, tables))
        except UnknownNameError:  # the same for every run
            raise
        except ReportError as error:
            left_out.append(str(error))
    return built, left_out
