"""``sugrm-search run``: run a space's search, confirmation and ablations, or continue them."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from search.cli.display.output import OutputLostError, drawing_stream, is_output_lost, say
from search.cli.options import (
    Address,
    Changes,
    Concurrency,
    DataPaths,
    Launch,
    Rows,
    RunsFolder,
    SpacePath,
    Track,
    Trials,
    load_rows,
    overrides,
)

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.cli.display.lines import Lines
    from search.cli.display.live import LiveView
    from search.controller.launcher import Launcher
    from search.controller.run_summary import RunSummary
    from search.events import Event
    from search.space import Space

EXAMPLES = """\b
Examples:
  sugrm-search run spaces/demo.yaml
  sugrm-search run spaces/mosi.yaml --data unaligned=unaligned_50.pkl --trials 16
  sugrm-search run spaces/mosi.yaml --data unaligned=unaligned_50.pkl \\
    --set experiment.model.text.name=minilm --set 'confirm.seeds=[1111,1112]'
  sugrm-search run spaces/baselines.yaml --data unaligned=unaligned_50.pkl \\
    --row 'table 2 unaligned/SUGRM'
"""


def run(
    space: SpacePath,
    data: DataPaths = None,
    runs: RunsFolder = Path("runs"),
    changes: Changes = None,
    rows: Rows = None,
    trials: Trials = None,
    address: Address = None,
    concurrency: Concurrency = None,
    launcher: Launch = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show what would run, its time, GPU-hours and disk, then stop."
        ),
    ] = False,
    track: Track = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print plain lines instead of the live view.")
    ] = False,
) -> None:
    """Run a space: search, confirmation and ablations.

    The same command continues a run: finished trials are not run again.
    """
    with handling_interruption():
        from search.cli.plan import show

        loaded = load_rows(space, overrides=overrides(changes, trials), data=data, rows=rows)
        loaded = loaded.tracked_by(each.value for each in track or ())
        if launcher is not None:
            loaded = loaded.launched_by(launcher.value)
        show(loaded, data or [])
        if dry_run:
            _dry_run(loaded, runs, address=address, concurrency=concurrency)
            return
        from search.cli.display.summary_view import exit_code, summary_lines

        summary = run_and_show(loaded, runs, address=address, concurrency=concurrency, quiet=quiet)
        for line in summary_lines(summary):
            say(line)
        raise typer.Exit(exit_code(summary))


def run_and_show(
    space: "Space",
    runs: "Place",
    *,
    address: str | None = None,
    concurrency: int | None = None,
    quiet: bool,
) -> "RunSummary":
    """Run a space and show its events.

    A live view would be drawn over the prompt of a debugger.
    """
    from search.run import run_space
    from search.space.sections import SEQUENTIAL

    with _view(quiet or space.resources.launcher == SEQUENTIAL) as view:
        return run_space(
            space,
            runs=runs,
            address=address,
            concurrency=concurrency,
            listen=_interrupt_when_unread(view),
        )


def _dry_run(
    space: "Space", runs: "Place", *, address: str | None, concurrency: int | None
) -> None:
    """Print the estimate of the run, after the checks that the run would make of its launcher."""
    from search.launcher_choice import launcher_of

    launcher = launcher_of(
        space, folder=runs / space.name, address=address, concurrency=concurrency
    )
    launcher.check()
    _estimate(space, runs, launcher=launcher)


def _estimate(space: "Space", runs: "Place", *, launcher: "Launcher") -> None:
    """Print the estimate of the run; refuse a run that would fill the disk, as ``run`` does.

    Trials that will probably fail end it with the code of a run whose trials fail, so that a script
    does not start such a run. Where the budget is spent no trial would start, and none would fail.
    """
    from search.cli.display.estimate_view import estimate_lines
    from search.cli.display.summary_view import SOME_FAILED
    from search.estimate.disk import check_disk
    from search.estimate.estimate import estimate_run

    estimate = estimate_run(
        space,
        runs=runs,
        launcher=launcher,
        listen=lambda line: say(line, to_errors=True),
    )
    for line in estimate_lines(estimate):
        say(line)
    if estimate.starts:
        check_disk(estimate.likely_disk, runs / space.name)
    if estimate.failing and estimate.starts:
        raise typer.Exit(SOME_FAILED)


def _interrupt_when_unread(view: "LiveView | Lines") -> "Callable[[Event], None]":
    """Return the view as a listener that interrupts the run when its output is lost.

    It sends SIGINT, as Ctrl-C does: an exception would count as a failure of the trial that sent
    the event.
    """

    def listen(event: "Event") -> None:
        try:
            view(event)
        except OutputLostError:
            signal.raise_signal(signal.SIGINT)

    return listen


@contextlib.contextmanager
def handling_interruption() -> Iterator[None]:
    """Print how to continue after a Ctrl-C or a signal that the run did not handle itself."""
    from search.errors import RayLostError, RunTerminated

    try:
        yield
    except RunTerminated as error:
        _print_interrupted()
        _exit_at_once(128 + error.number)
    except RayLostError as error:
        say(f"error: {error}", to_errors=True)
        _exit_at_once(2)
    except KeyboardInterrupt:
        from search.cli.display.summary_view import INTERRUPTED

        _print_interrupted()
        raise typer.Exit(INTERRUPTED) from None


def _exit_at_once(code: int) -> NoReturn:
    """End the process at once: Ray's exit handlers would wait for processes that have ended."""
    with contextlib.suppress(OutputLostError):
        sys.stdout.flush()
    os._exit(code)


def _print_interrupted() -> None:
    if not is_output_lost():
        say("interrupted; run the same command again to continue", to_errors=True)


def _view(quiet: bool) -> "LiveView | Lines":
    if quiet or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        from search.cli.display.lines import Lines

        return Lines(sys.stdout)
    from rich.console import Console

    from search.cli.display.live import LiveView

    return LiveView(Console(file=drawing_stream(), markup=False, emoji=False, highlight=False))
