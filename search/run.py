"""Run a space: what the command line and ``search.run_search`` share."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from search.controller.interruption import interruptible
from search.controller.launcher import Launcher, Workers
from search.controller.run_summary import RunSummary, finish_run
from search.estimate.disk import check_room
from search.estimate.remaining import LeftToCompute, left_to_compute
from search.events import Event, PlanReady, WorkersStarting
from search.jobs.earlier_jobs import end_earlier_jobs
from search.launcher_choice import launcher_of
from search.ledger.experiment_file import check_writable
from search.open_run import OpenRun, open_run
from search.status.jobs_at_work import FOLDER
from search.status.time_left import computed_trials
from search.trials.start.checks import copy_starts

if TYPE_CHECKING:
    from search.space import Space


def run_space(
    space: "Space",
    *,
    runs: Place,
    listen: Callable[[Event], None] = lambda event: None,
    address: str | None = None,
    concurrency: int | None = None,
    command: str | None = None,
) -> RunSummary:
    """Run a space, or continue its run: a trial that its ledger holds is not run again.

    The first Ctrl-C stops the run at the trials' checkpoints; a second one ends it at once.

    Args:
        space: the space to run.
        runs: the folder of all runs, or a place of an object store
            (``reports.ledger.places.storage.place``); this run is written to ``runs/NAME``.
        listen: a function that is called with every event of the run.
        address: the address of a Ray cluster; None uses this machine.
        concurrency: the most trials at once, at least 1; None sets no limit.
        command: the command line that the run records, "" for none; None for that of this process.

    Returns:
        How many trials ended in which way, the best one, and what to do next.

    Raises:
        SearchError: the folder, the space or the cluster cannot serve the run.
        StorageError: the object store of the folder does not serve.
        SugrmError: the data or the text encoder cannot be used.
    """
    started = time.monotonic()
    launcher = launcher_of(
        space, folder=runs / space.name, address=address, concurrency=concurrency
    )
    left = _check(space, runs, launcher=launcher)
    with contextlib.ExitStack() as stack:

        def start() -> Workers:
            listen(WorkersStarting(where=launcher.where))
            return stack.enter_context(launcher.start())

        early = start() if _launches_first(launcher, left) else None
        opened = open_run(space, left.checked, listen=listen, command=command, started=started)
        run = stack.enter_context(opened)
        workers = None
        if run.controller.has_next:
            copy_starts(
                space,
                left.checked.plan,
                corpora=left.checked.corpora,
                starts=left.checked.factory.starts,
            )
            workers = start() if early is None else early
        _compute(space, run, workers=workers, notes=left.checked.starts)
        seconds = time.monotonic() - started
        return finish_run(
            space, run.ledger, controller=run.controller, listen=listen, seconds=seconds
        )


def _check(space: "Space", runs: Place, *, launcher: Launcher) -> LeftToCompute:
    """Check a run and the room for it; return what it has still to compute."""
    left = left_to_compute(space, runs)
    check_writable(left.checked.folder)
    if left.remaining.spent is None:  # else no trial starts, which needs no room
        check_room(
            space,
            left.work,
            corpora=left.checked.corpora.values(),
            folder=left.checked.folder,
            at_once=launcher.expected().at_once,
        )
    return left


def _launches_first(launcher: Launcher, left: LeftToCompute) -> bool:
    """Whether the launcher comes before the record of the command.

    A new run that no cluster can hold leaves no folder behind.
    """
    is_new = not left.checked.folder.exists()
    starts = left.remaining.count > 0 and left.remaining.spent is None
    return is_new or (launcher.starts_nothing and starts)


def _plan_ready(
    space: "Space", run: OpenRun, *, workers: Workers | None, notes: tuple[str, ...]
) -> PlanReady:
    objective = space.search.primary if space.search is not None else None
    return PlanReady(
        name=space.name,
        folder=run.ledger.folder,
        progress=run.controller.progress,
        objective=objective.metric if objective else None,
        mode=objective.mode if objective else None,
        concurrency=0 if workers is None else workers.at_once(),
        gpus="" if workers is None else workers.gpus,
        resumed=sum(trial.epoch > 0 for trial in run.cut_off),
        restarted=sum(trial.epoch == 0 for trial in run.cut_off),
        seeds=len(space.search.training_seeds) if space.search is not None else 1,
        best=run.controller.best,
        notes=notes,
        computed=tuple(computed_trials(run.ledger.index)),
    )


def _compute(
    space: "Space", run: OpenRun, *, workers: Workers | None, notes: tuple[str, ...]
) -> None:
    """Announce the plan, then run the trials that are left, until none is or the run is closed."""
    controller = run.controller
    run.relay.open(_plan_ready(space, run, workers=workers, notes=notes))
    _end_earlier_jobs(run)
    if workers is None:
        controller.close()
        return
    clock = controller.budget.clock(controller.close_for_budget)
    with interruptible(controller, break_off=workers.break_off), clock:
        workers.compute(controller)


def _end_earlier_jobs(run: OpenRun) -> None:
    """End the jobs that a killed command left, whatever this one starts, and also if nothing."""
    folder = run.ledger.folder
    if in_object_store(folder):  # no command with jobs has such a folder
        return
    if count := end_earlier_jobs(Path(str(folder)) / FOLDER):
        noun = "job" if count == 1 else "jobs"
        run.controller.warn(f"ended {count} {noun} of an earlier command; their trials go on")
