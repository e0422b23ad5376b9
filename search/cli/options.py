"""Arguments and options that several commands share."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
else:  # Place imports pyarrow, which the start of the command line does not need
    Place = Path

SpacePath = Annotated[
    str,
    typer.Argument(
        metavar="SPACE", help="Space file, or spaces/NAME.yaml for one that comes with the package."
    ),
]
DataPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Feature file or table, as PATH, aligned=PATH or unaligned=PATH; or one file for each "
        "modality: text=TABLE, audio=PATH, vision=PATH; repeatable.",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set a key of the space file, as in search.trials=8; repeatable.",
    ),
]
Trials = Annotated[
    int | None,
    typer.Option("--trials", metavar="N", min=0, help="Short for --set search.trials=N."),
]


def _place(address: str | os.PathLike[str]) -> "Place":
    text = os.fspath(address)
    if "://" in text:
        from reports.ledger.places.storage import place

        return place(text)
    if Path(text).exists() and not Path(text).is_dir():
        raise typer.BadParameter(f"{text} is a file; expected a folder, which need not exist yet")
    return Path(text)


RunsFolder = Annotated[
    Place,
    typer.Option(
        "--runs",
        metavar="DIR",
        help="Folder with one subfolder for each run, or s3://BUCKET/PREFIX.",
        parser=_place,
    ),
]


OutFolder = Annotated[
    Place | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for the files, or s3://BUCKET/PREFIX; default: report/ in the run's folder, "
        "or in the folder of runs for tables over all runs.",
        parser=_place,
    ),
]


def overrides(changes: list[str] | None, trials: int | None) -> list[str]:
    """Return the changes to a space; ``--trials`` comes last and wins."""
    return [*(changes or []), *([] if trials is None else [f"search.trials={trials}"])]
