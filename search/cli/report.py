"""``sugrm-search report``: tables of finished runs, on the terminal and as files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from search.cli.options import RunsFolder

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
    from reports import build_report, save_report, terminal_text

    chosen = names or sorted(path.parent.name for path in runs.glob("*/experiment.json"))
    if not chosen:
        raise typer.BadParameter(f"{runs} holds no run", param_hint="--runs")
    wanted = tables.split(",") if tables is not None else None
    formats = [file_format] if file_format is not None else list(Format)
    for name in chosen:
        built = build_report(runs / name, wanted)
        typer.echo(terminal_text(built, width=typer.get_terminal_size((100, 24)).columns))
        folder = out / name if out is not None and len(chosen) > 1 else out
        for path in save_report(built, folder, formats):
            typer.echo(f"wrote {path}")
