"""Arguments and options that several commands take, worded once."""

from pathlib import Path
from typing import Annotated

import typer

SpacePath = Annotated[
    str,
    typer.Argument(
        metavar="SPACE", help="Space file; spaces/NAME.yaml also names one that is installed."
    ),
]
DataPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Feature pickle: PATH, aligned=PATH or unaligned=PATH; repeatable.",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set any key of the space file, as in search.trials=8; repeatable.",
    ),
]
Trials = Annotated[
    int | None,
    typer.Option("--trials", metavar="N", help="Short for --set search.trials=N."),
]


def _folder(runs: Path) -> Path:
    if runs.exists() and not runs.is_dir():
        raise typer.BadParameter(f"{runs} is a file; expected a folder, or nothing there yet")
    return runs


RunsFolder = Annotated[
    Path,
    typer.Option(
        "--runs", metavar="DIR", help="Folder that holds the runs, one each.", callback=_folder
    ),
]


def overrides(changes: list[str] | None, trials: int | None) -> list[str]:
    """Return the changes to a space; ``--trials`` comes last and wins."""
    return [*(changes or []), *([] if trials is None else [f"search.trials={trials}"])]
