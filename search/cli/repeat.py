"""``sugrm-search repeat``: compute recorded trials again and compare every number."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say
from search.cli.options import DataPaths, Launch, RunsFolder, place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from reports.ledger.places.storage import Place
    from reports.ledger.reading.results import Results
    from search.cli.repetition.recorded_trials import RecordedTrials
    from search.controller.run_summary import RunSummary
    from search.model_choice.configurations import Choice
else:  # Place imports pyarrow, which the start of the command line does not need
    Place = Path

EXAMPLES = """\b
Examples:
  sugrm-search repeat demo --seed 1111
  sugrm-search repeat demo --cell modules/SUGRM       all its seeds
  sugrm-search repeat mosi --key 0c4f1e9ab27d3355 --data unaligned=unaligned_50.pkl
"""
DIFFERENT = 1


def repeat(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Run whose trials are repeated.")],
    cell: Annotated[
        str | None,
        typer.Option(
            "--cell",
            metavar="GROUP/CELL",
            help="Repeat this cell of an ablation, not the chosen configuration.",
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="Repeat this trial alone.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Repeat this seed alone; default: all seeds."),
    ] = None,
    data: DataPaths = None,
    plugins: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin",
            metavar="NAME",
            help="File or module of an own system, where this machine has no copy of it; its code "
            "is executed; repeatable.",
        ),
    ] = None,
    runs: RunsFolder = Path("runs"),
    out: Annotated[
        Place,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of runs for the repetition, or s3://BUCKET/PREFIX.",
            parser=place_of,
        ),
    ] = Path("repeated"),
    launcher: Launch = None,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", metavar="N", min=1, help="Largest number of trials at once."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print plain lines instead of the live view.")
    ] = False,
) -> None:
    """Compute trials of a run again and compare every number with the record.

    Without --cell and --key it is the configuration that validation chose, with all its seeds. The
    configuration, the seed and the data come from the record, not from today's space file. Metrics,
    epochs and predictions are compared to the last bit; where they differ, the versions, the data
    and the processor that differ as well are named.

    The repetition is a run of its own in the folder `repeated`; the same command continues it. The
    record is only read. Exit code 0: all numbers are equal; 1: some differ, or a trial failed.
    """
    from search.cli.repetition.recorded_trials import space_to_repeat
    from search.cli.run import handling_interruption, run_and_show
    from search.model_choice.configurations import Choice

    _check_options(cell, key=key, runs=runs, out=out)
    with handling_interruption():
        choice = Choice(cell=cell, key=key, seed=seed)
        record, trials = _record(runs, name, choice=choice, plugins=plugins or [])
        starter = None if launcher is None else launcher.value
        space = space_to_repeat(record, trials, data=data or [], launcher=starter)
        _warn_of_other_code(trials)
        say(f"repeating {name}: {trials.title}; in {out / space.name}")
        run = functools.partial(run_and_show, space, out, concurrency=concurrency, quiet=quiet)
        raise typer.Exit(_repeat(record, trials, repeated=out / space.name, run=run))


def _check_options(cell: str | None, *, key: str | None, runs: "Place", out: "Place") -> None:
    from reports.ledger.places.storage import check_reachable

    if cell is not None and key is not None:
        raise typer.BadParameter("got --key too; expected one of them", param_hint="--cell")
    check_reachable(runs)
    if _address(runs) == _address(out):
        raise typer.BadParameter(
            f"got {out}, the folder of the run itself, from which its trials would be taken over, "
            "not computed; expected another folder",
            param_hint="--out",
        )


def _address(folder: "Place") -> str:
    return str(folder.resolve() if isinstance(folder, Path) else folder)


def _record(
    runs: "Place", name: str, *, choice: "Choice", plugins: list[str]
) -> "tuple[Results, RecordedTrials]":
    """Return the run of the record and its trials that are repeated."""
    from reports.ledger.reading.load import load_run
    from search.cli.model_export.run_plugins import load_run_plugins
    from search.cli.repetition.recorded_trials import recorded_trials
    from search.status.runs import run_folder

    results = load_run(run_folder(runs, name))
    trials = recorded_trials(results, choice)
    load_run_plugins(results, plugins)
    return results, trials


def _warn_of_other_code(trials: "RecordedTrials") -> None:
    from sugrm.version import NUMERICS

    recorded = trials.first.numerics
    if recorded != NUMERICS:
        say(
            f"warning: the record is of version {recorded} of the calculations, and this code has "
            f"version {NUMERICS}: its numbers may differ",
            to_errors=True,
        )


def _repeat(
    record: "Results",
    trials: "RecordedTrials",
    *,
    repeated: "Place",
    run: "Callable[[], RunSummary]",
) -> int:
    """Compute the trials, print how they compare with the record, and return the exit code."""
    from reports.ledger.reading.load import load_run
    from search.cli.display.summary_view import exit_code, summary_lines
    from search.cli.repetition.comparing import compare

    summary = run()
    code = exit_code(summary)
    if code or summary.interrupted:
        for line in summary_lines(summary):
            say(line)
        return code
    result = compare(record, load_run(repeated), trials)
    for line in result.lines:
        say(line)
    return 0 if result.is_equal else DIFFERENT
