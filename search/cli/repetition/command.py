"""``sugrm-search repeat``: compute recorded trials again and compare every number."""

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say
from search.cli.options import (
    Address,
    Concurrency,
    DataPaths,
    Launch,
    Plugins,
    RunsFolder,
    place_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reports.ledger.places.storage import Place
    from reports.ledger.reading.results import Results
    from search.cli.repetition.recorded_trials import Means, RecordedTrials
    from search.controller.run_summary import RunSummary
    from search.space import Space
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
    seeds: Annotated[
        list[int] | None,
        typer.Option(
            "--seed", metavar="N", help="Repeat this seed; repeatable; default: all seeds."
        ),
    ] = None,
    data: DataPaths = None,
    plugins: Plugins = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Set a key of resources, as in resources.gpus=0; repeatable.",
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
    address: Address = None,
    concurrency: Concurrency = None,
    launcher: Launch = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print plain lines instead of the live view.")
    ] = False,
) -> None:
    """Compute trials of a run again and compare their numbers.

    By default these are the trials of the configuration that validation chose. Configuration and
    seed come from the record, not from today's space file. The data file, the text encoder and
    plug-ins must be on this machine; fingerprints of data and encoder are checked. Metrics, epochs,
    predictions and generated labels are compared to the last bit, as far as the record holds them.
    Where they differ, the command names what else differs: processor, threads, versions of the
    packages and of this code.

    A single trial runs in this process. Several trials run with Ray, unless --launcher says
    otherwise. The repetition is a run in the folder `repeated`; the same command continues it. The
    record is only read. Exit code 0: all numbers are equal; 1: some differ, or a trial did not end
    as recorded; others as for `run`.
    """
    from search.cli.repetition.recorded_trials import Means, recorded_trials, warnings_of
    from search.cli.run import handling_interruption, run_and_show
    from search.model_choice.configurations import Choice

    _check_options(cell, key=key, runs=runs, out=out)
    with handling_interruption():
        record = _record(runs, name)
        trials = recorded_trials(record, Choice(cell=cell, key=key), seeds=seeds or [])
        for warning in warnings_of(trials):
            say(f"warning: {warning}", to_errors=True)
        means = Means(
            data=data or [],
            plugins=plugins or [],
            changes=changes or [],
            launcher=None if launcher is None else launcher.value,
        )
        space, is_computed = _checked_space(record, trials, means=means, out=out)
        say(f"repeating {name}: {trials.title}; in {out / space.name}")
        if is_computed:
            say(
                "an earlier command computed all of it; to compute it anew, name another folder "
                f"than {out}: --out DIR"
            )
        run = functools.partial(
            run_and_show, space, out, address=address, concurrency=concurrency, quiet=quiet
        )
        raise typer.Exit(_repeat(record, trials, repeated=out / space.name, run=run))


def _check_options(cell: str | None, *, key: str | None, runs: "Place", out: "Place") -> None:
    from reports.ledger.places.storage import check_reachable
    from reports.ledger.reading.record import FILE

    if cell is not None and key is not None:
        raise typer.BadParameter("got --key too; expected one of them", param_hint="--cell")
    for folder in (runs, out):
        check_reachable(folder)
    if _address(runs) == _address(out):
        raise typer.BadParameter(
            f"got {out}, the folder of the run itself, from which its trials would be taken over, "
            "not computed; expected another folder",
            param_hint="--out",
        )
    if (out / FILE).exists() or (out.parent / FILE).exists():
        raise typer.BadParameter(
            f"{out} is part of a run; expected a folder of runs of its own", param_hint="--out"
        )


def _address(folder: "Place") -> str:
    return str(folder.resolve() if isinstance(folder, Path) else folder)


def _record(runs: "Place", name: str) -> "Results":
    from reports.ledger.reading.load import load_run
    from search.status.runs import run_folder

    return load_run(run_folder(runs, name))


def _checked_space(
    record: "Results", trials: "RecordedTrials", *, means: "Means", out: "Place"
) -> "tuple[Space, bool]":
    """Return the space of the repetition, and whether an earlier command has computed all of it.

    Raises:
        SearchError: its inputs are not those of the record.
    """
    from search.cli.repetition.recorded_trials import (
        check_files_of,
        check_inputs,
        space_to_repeat,
    )
    from search.estimate.remaining import left_to_compute

    space = space_to_repeat(record, trials, means=means)
    check_files_of(trials, space, means=means)
    left = left_to_compute(space, out)
    check_inputs(trials, left.checked.factory, runs=record.folder)
    return space, not left.remaining.count


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
    from search.cli.display.wording import traceback_command
    from search.cli.repetition.outcome import outcome_of

    began = datetime.now(UTC)
    summary = run()
    if summary.interrupted:
        for line in summary_lines(summary):
            say(line)
    outcome = outcome_of(record, load_run(repeated), trials=trials, began=began)
    if not outcome.is_equal and summary.has_tracebacks:
        say(f"tracebacks: {traceback_command(summary.folder)}")
    for line in outcome.lines:
        say(line)
    if summary.interrupted and exit_code(summary):
        return exit_code(summary)
    return 0 if outcome.is_equal else DIFFERENT
