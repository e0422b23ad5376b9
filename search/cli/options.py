"""Arguments and options that several commands share."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.space import Space
else:  # Place imports pyarrow, which the start of the command line does not need
    Place = Path

SpacePath = Annotated[
    str,
    typer.Argument(
        metavar="SPACE", help="Space file, or the name of a space of the package, such as mosi."
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
Rows = Annotated[
    list[str] | None,
    typer.Option(
        "--row",
        metavar="GROUP/CELL",
        help="Run only this cell of the ablations, as in 'table 2 unaligned/SUGRM', without search "
        "and confirmation; repeatable.",
    ),
]
Trials = Annotated[
    int | None,
    typer.Option("--trials", metavar="N", min=0, help="Short for --set search.trials=N."),
]


Plugins = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        metavar="NAME",
        help="File or module of an own system, where this machine has no copy of it; its code is "
        "executed; repeatable.",
    ),
]


class Tracker(StrEnum):
    """What shows a run beside its report."""

    TENSORBOARD = "tensorboard"
    MLFLOW = "mlflow"
    WANDB = "wandb"
    OPTUNA = "optuna"


class LauncherOption(StrEnum):
    """What starts the trials."""

    RAY = "ray"
    SEQUENTIAL = "sequential"
    SUBMITIT = "submitit"


Launch = Annotated[
    LauncherOption | None,
    typer.Option(
        "--launcher",
        metavar="NAME",
        help="What computes the trials: ray (workers), sequential (one after another in this "
        "process, for a debugger) or submitit (each a job of Slurm); the last two without Ray. "
        "Short for --set resources.launcher=NAME.",
    ),
]

Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="ADDRESS",
        help="Address of a Ray cluster, or auto; default: this machine.",
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option("--concurrency", metavar="N", min=1, help="Largest number of trials at once."),
]

Track = Annotated[
    list[Tracker] | None,
    typer.Option(
        "--track",
        metavar="NAME",
        help="Also show the run in mlflow or wandb, or its search in optuna-dashboard (optuna); "
        "repeatable.",
    ),
]


def place_of(address: str | os.PathLike[str]) -> "Place":
    """Return the folder of an option, which may be a place of an object store."""
    text = os.fspath(address)
    if ":/" in text:  # an address, perhaps one with a slash too few
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
        parser=place_of,
    ),
]


OutFolder = Annotated[
    Place | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for the files, or s3://BUCKET/PREFIX; default: report/ in the run's folder, "
        "or in the folder of runs for tables over all runs.",
        parser=place_of,
    ),
]


def load_rows(
    source: str,
    *,
    overrides: Sequence[str],
    data: list[str] | None,
    rows: list[str] | None,
) -> "Space":
    """Return the checked space of a file, only with these cells where any are named.

    Raises:
        SpaceError: the space has faults, or lacks such a cell.
    """
    from search.space.reading import load_space
    from search.space.rows import row_overrides

    space = load_space(source, overrides=overrides, data=data or [])
    if not rows:
        return space
    return load_space(source, overrides=[*overrides, *row_overrides(space, rows)], data=data or [])


def overrides(changes: list[str] | None, trials: int | None) -> list[str]:
    """Return the changes to a space; ``--trials`` comes last and wins."""
    return [*(changes or []), *([] if trials is None else [f"search.trials={trials}"])]
