"""Running a space from Python."""

import logging
import os
import shlex
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store, place
from search.api.result import RunResult
from search.errors import RunInterrupted, RunTerminated, SearchError
from search.events import Event, RunWarning
from search.open_run import SPACE_FILE
from search.space.reading import load_space
from search.space.reading.sources import Source
from search.space.space import Space

if TYPE_CHECKING:
    from search.controller.run_summary import RunSummary

Listener = Callable[[Event], None]

logger = logging.getLogger("search")


def run_search(
    space: Space | Source,
    *,
    runs: Place | str | os.PathLike[str] = "runs",
    progress: bool = False,
    listen: Listener | None = None,
    address: str | None = None,
    concurrency: int | None = None,
) -> RunResult:
    """Run a space, or continue its run: a trial that its ledger holds is not run again.

    Nothing is printed unless ``progress`` is set; warnings then go to the logger ``search``. The
    first Ctrl-C, or interrupt of a notebook, stops the run at its trials' checkpoints; a second one
    ends it at once. A run in a thread that is not the main one cannot be interrupted.

    Messages name the options of the command line: ``--runs`` is ``runs``; ``--set`` and ``--data``
    are ``overrides`` and ``data`` of ``load_space``.

    Args:
        space: a loaded space, the path of a file, the name of a packaged space, or a dict with the
            keys of a file; ``load_space`` takes overrides and data files as well.
        runs: the folder of all runs, or ``s3://BUCKET/PREFIX``; this run is written to
            ``runs/NAME``.
        progress: whether to print the lines of ``sugrm-search run --quiet``.
        listen: a function that is called with every event of the run (``search.events``). What it
            raises ends the run at its trials' checkpoints, and is raised here.
        address: the address of a Ray cluster; None uses this machine.
        concurrency: the most trials at once, at least 1; None sets no limit.

    Returns:
        The run: its trials as a data frame, its best configuration, its report.

    Raises:
        SpaceError: the space has faults; the message names all of them.
        SearchError: the folder, the space or the cluster cannot serve the run.
        StorageError: the object store of the folder does not serve.
        SugrmError: the data or the text encoder cannot be used.
        RunInterrupted: Ctrl-C ended the run; the same call continues it.
    """
    from search.run import run_space

    loaded = space if isinstance(space, Space) and space.is_as_read else load_space(space)
    folder = _folder_of_runs(runs)
    _check_options(listen, address, concurrency=concurrency)
    if progress:
        _print_plan(loaded)
    try:
        summary = run_space(
            loaded,
            runs=folder,
            listen=_listener(progress, listen),
            address=address,
            concurrency=concurrency,
            command=equivalent_command(loaded, folder, address=address, concurrency=concurrency),
        )
    except RunTerminated:
        raise
    except KeyboardInterrupt:  # its traceback would show the code of Ray
        raise _interrupted(loaded, folder, how="was ended at once") from None
    if progress:
        _print_end(summary)
    if summary.by_user:
        raise _interrupted(loaded, folder, how="was interrupted")
    return RunResult(summary.folder, summary)


def equivalent_command(
    space: Space, runs: Place, *, address: str | None, concurrency: int | None
) -> str:
    """Return the command line that repeats or continues a run, "" where there is none.

    A space that was a dict is read from the file that the run writes into its folder.
    """
    path = space.origin.path
    if path is None:
        if in_object_store(runs) or not space.origin.text:
            return ""
        path = str(runs / space.name / SPACE_FILE)
    words = ["sugrm-search", "run", path, *space.origin.options]
    words += ["--runs", str(runs)] if str(runs) != "runs" else []
    words += ["--address", address] if address is not None else []
    words += ["--concurrency", str(concurrency)] if concurrency is not None else []
    return shlex.join(words)


def _interrupted(space: Space, runs: Place, *, how: str) -> RunInterrupted:
    folder = str(runs / space.name)
    return RunInterrupted(
        f"{space.name} {how}: call run_search again, and its trials go on from their last "
        f"checkpoints; open_results({folder!r}) reads what has ended"
    )


def _folder_of_runs(runs: Place | str | os.PathLike[str]) -> Place:
    folder = place(runs)
    if folder.exists() and not folder.is_dir():
        raise SearchError(
            f"runs is {folder}, a file; expected a folder, which need not exist yet, or "
            "s3://BUCKET/PREFIX"
        )
    return folder


def _check_options(listen: object, address: object, *, concurrency: object) -> None:
    """Refuse options of a wrong kind before anything starts."""
    if listen is not None and not callable(listen):
        raise SearchError(f"listen is {listen!r}; expected a function that takes an event, or None")
    if address is not None and not isinstance(address, str):
        raise SearchError(f"address is {address!r}; expected text, as 'auto' or 'HOST:PORT'")
    if concurrency is None:
        return
    if not isinstance(concurrency, int) or isinstance(concurrency, bool) or concurrency < 1:
        raise SearchError(
            f"concurrency is {concurrency!r}; expected the most trials at once, a whole number "
            "from 1 on, or None for no limit"
        )


def _listener(progress: bool, listen: Listener | None) -> Listener:
    """Return what gets the events: printed lines, the caller's function, or a log of warnings."""
    if not progress:
        return listen or _log_warning
    from search.cli.display.lines import Lines

    lines = Lines(sys.stdout)
    if listen is None:
        return lines

    def both(event: Event) -> None:
        lines(event)
        listen(event)

    return both


def _log_warning(event: Event) -> None:
    if isinstance(event, RunWarning):
        logger.warning(event.message)


def _print_plan(space: Space) -> None:
    from search.cli.display.output import say
    from search.cli.display.plan_view import lines_before_run

    for line in lines_before_run(space, space.origin.data):
        say(line)


def _print_end(summary: "RunSummary") -> None:
    from search.cli.display.output import say
    from search.cli.display.summary_view import summary_lines

    for line in summary_lines(summary):
        say(line)
