"""Run a space: what the command line and ``search.run_search`` share."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from search.controller.gpu_packing import GpuShares
from search.controller.interruption import interruptible
from search.controller.run_summary import RunSummary, finish_run
from search.estimate.disk import check_room
from search.estimate.remaining import LeftToCompute, left_to_compute
from search.events import Event, PlanReady, WorkersStarting
from search.jobs.capacity import JobCapacity, job_capacity
from search.jobs.earlier_jobs import end_earlier_jobs
from search.jobs.job_loop import run_jobs
from search.ledger.experiment_file import check_writable
from search.open_run import OpenRun, open_run
from search.sequential.own_process import SequentialCapacity, own_process
from search.sequential.sequence import Sequence
from search.space.sections import SEQUENTIAL, SUBMITIT
from search.status.jobs_at_work import FOLDER
from search.trials.start.checks import copy_starts
from search.tune.cluster.capacity import Capacity, ray_capacity
from search.tune.cluster.private_folder import private_folder
from search.tune.cluster.session import store_environment
from search.tune.tuner import run_trials

if TYPE_CHECKING:
    from search.space import Space

_Capacity = Capacity | JobCapacity | SequentialCapacity


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
    left = _check(space, runs, concurrency=concurrency)
    launcher = _launcher(space, address, folder=left.checked.folder, concurrency=concurrency)
    with contextlib.ExitStack() as stack:
        starting = WorkersStarting(where=_where(space, address))
        is_first = _launches_first(space, left, address=address)
        if is_first:
            listen(starting)
        capacity = stack.enter_context(launcher) if is_first else None
        run = stack.enter_context(open_run(space, left.checked, listen=listen, command=command))
        if not run.controller.has_next:
            capacity = None
        else:
            copy_starts(
                space,
                left.checked.plan,
                corpora=left.checked.corpora,
                starts=left.checked.factory.starts,
            )
            if capacity is None:
                listen(starting)
                capacity = stack.enter_context(launcher)
        _compute(space, run, capacity=capacity, notes=left.checked.starts)
        seconds = time.monotonic() - started
        return finish_run(
            space, run.ledger, controller=run.controller, listen=listen, seconds=seconds
        )


def _check(space: "Space", runs: Place, *, concurrency: int | None) -> LeftToCompute:
    """Check a run and the room for it; return what it has still to compute."""
    left = left_to_compute(space, runs)
    check_writable(left.checked.folder)
    if left.remaining.spent is None:  # else no trial starts, which needs no room
        check_room(
            space,
            left.work,
            corpora=left.checked.corpora.values(),
            folder=left.checked.folder,
            concurrency=concurrency,
        )
    return left


def _launches_first(space: "Space", left: LeftToCompute, *, address: str | None) -> bool:
    """Whether the launcher comes before the record of the command.

    A new run that no cluster can hold leaves no folder behind. Joining a cluster starts nothing,
    nor does a launcher other than Ray before the first trial, so a command that one of them refuses
    leaves the record of an earlier one as it is.
    """
    is_new = not left.checked.folder.exists()
    starts = left.remaining.count > 0 and left.remaining.spent is None
    may_refuse = address is not None or space.resources.launcher in (SEQUENTIAL, SUBMITIT)
    return is_new or (may_refuse and starts)


def _where(space: "Space", address: str | None) -> str:
    """Return what computes the trials, for use after "starting"."""
    if space.resources.launcher == SUBMITIT:
        return "jobs"
    if space.resources.launcher == SEQUENTIAL:
        return "in this process, without workers"
    return "workers on this machine" if address is None else f"workers on the cluster {address}"


@contextlib.contextmanager
def _launcher(
    space: "Space", address: str | None, *, folder: Place, concurrency: int | None
) -> Iterator[_Capacity]:
    """Start or join what computes the trials for the block; yield how many it holds."""
    if space.resources.launcher == SUBMITIT:
        yield job_capacity(space, folder=folder, address=address, concurrency=concurrency)
        return
    if space.resources.launcher == SEQUENTIAL:
        with own_process(space, address=address, concurrency=concurrency) as capacity:
            yield capacity
        return
    # The workers write checkpoints to the store as well.
    environment = store_environment() if in_object_store(folder) else {}
    with ray_capacity(space, address, concurrency=concurrency, environment=environment) as cluster:
        yield cluster


def _plan_ready(
    space: "Space", run: OpenRun, *, capacity: _Capacity | None, notes: tuple[str, ...]
) -> PlanReady:
    objective = space.search.primary if space.search is not None else None
    return PlanReady(
        name=space.name,
        folder=run.ledger.folder,
        progress=run.controller.progress,
        objective=objective.metric if objective else None,
        mode=objective.mode if objective else None,
        concurrency=0 if capacity is None else capacity.at_once,
        gpus="" if capacity is None else str(capacity),
        resumed=run.resumed,
        seeds=len(space.search.training_seeds) if space.search is not None else 1,
        best=run.controller.best,
        notes=notes,
    )


def _compute(
    space: "Space", run: OpenRun, *, capacity: _Capacity | None, notes: tuple[str, ...]
) -> None:
    """Announce the plan, then run the trials that are left, until none is or the run is closed."""
    controller = run.controller
    run.relay.open(_plan_ready(space, run, capacity=capacity, notes=notes))
    _end_earlier_jobs(run)
    if capacity is None:
        controller.close()
        return
    clock = controller.budget.clock(controller.close_for_budget)
    if isinstance(capacity, SequentialCapacity):
        sequence = Sequence(controller, capacity)
        with interruptible(controller, break_off=sequence.break_off), clock:
            sequence.run()
        return
    with interruptible(controller), clock:
        if isinstance(capacity, JobCapacity):
            own = Path(str(run.ledger.folder))  # no store: see job_capacity
            run_jobs(space, controller, folder=own, capacity=capacity)
        else:
            _compute_with_ray(space, run, capacity=capacity)


def _end_earlier_jobs(run: OpenRun) -> None:
    """End the jobs that a killed command left, whatever this one starts, and also if nothing."""
    folder = run.ledger.folder
    if in_object_store(folder):  # no command with jobs has such a folder
        return
    if count := end_earlier_jobs(Path(str(folder)) / FOLDER):
        noun = "job" if count == 1 else "jobs"
        run.controller.warn(f"ended {count} {noun} of an earlier command; their trials go on")


def _compute_with_ray(space: "Space", run: OpenRun, *, capacity: Capacity) -> None:
    controller = run.controller
    controller.shares = GpuShares(capacity.gpu_use.gpus)
    capacity.slots.share = lambda: controller.share
    with private_folder() as scratch:
        run_trials(
            space, controller, slots=capacity.slots, folder=run.ledger.folder, scratch=scratch
        )
