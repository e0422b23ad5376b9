"""Run a space: the one entry of the library."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from reports.ledger.reading.recorded_experiment import Version
from search.controller.controller import Controller
from search.controller.gpu_packing import GpuShares
from search.controller.run_summary import RunSummary, finish_run
from search.environment import describe_environment
from search.estimate.disk import check_room
from search.estimate.remaining import left_to_compute
from search.events import Event, PlanReady
from search.ledger import Ledger, lock_of, record_experiment, record_utterances
from search.ledger.experiment_file import command_line
from search.plan import Plan
from search.preflight import Checked
from search.trials.factory import TrialFactory
from search.tune.cluster.capacity import Capacity, ray_capacity
from search.tune.cluster.private_folder import private_folder
from search.tune.cluster.session import store_environment
from search.tune.tuner import interruptible, run_trials

if TYPE_CHECKING:
    from search.space import Space


def run_search(
    space: "Space",
    *,
    runs: Place,
    listen: Callable[[Event], None] = lambda event: None,
    address: str | None = None,
    concurrency: int | None = None,
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

    Returns:
        How many trials ended in which way, the best one, and what to do next.

    Raises:
        SearchError: the folder, the space or the cluster cannot serve the run.
        StorageError: the object store of the folder does not serve.
        SugrmError: the data or the text encoder cannot be used.
    """
    started = time.monotonic()
    left = left_to_compute(space, runs)
    folder = left.checked.folder
    if left.remaining.spent is None:  # else no trial starts, which needs no room
        check_room(
            space,
            left.work,
            corpora=left.checked.corpora.values(),
            folder=folder,
            concurrency=concurrency,
        )
    with contextlib.ExitStack() as stack:

        def start_ray() -> Capacity:
            # The workers write checkpoints to the store as well.
            environment = store_environment() if in_object_store(folder) else {}
            return stack.enter_context(
                ray_capacity(space, address, concurrency=concurrency, environment=environment)
            )

        # A new run that no cluster can hold leaves no folder behind.
        capacity = None if folder.exists() else start_ray()
        run = _open_run(stack, space, checked=left.checked, listen=listen)
        if not run.controller.has_next:
            capacity = None
        elif capacity is None:
            capacity = start_ray()
        run.relay.open(_plan_ready(space, run, capacity=capacity))
        if capacity is None:
            run.controller.close()
        else:
            _compute(space, run, capacity=capacity)
        seconds = time.monotonic() - started
        return finish_run(
            space, run.ledger, controller=run.controller, listen=listen, seconds=seconds
        )


class _Relay:
    """Pass events on to a listener; events from before ``PlanReady`` come after it."""

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self._listen = listen
        self._held: list[Event] | None = []

    def __call__(self, event: Event) -> None:
        if self._held is None:
            self._listen(event)
        else:
            self._held.append(event)

    def open(self, ready: PlanReady) -> None:
        """Pass on ``ready``, then the events that were held back."""
        held, self._held = self._held or [], None
        for event in (ready, *held):
            self._listen(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenRun:
    """A run whose folder this process alone may write to.

    Attributes:
        ledger: its ledger.
        controller: decides what runs; it holds the state that the ledger left.
        relay: passes the controller's events on.
        resumed: how many trials were cut off and continue.
    """

    ledger: Ledger
    controller: Controller
    relay: _Relay
    resumed: int


def _open_run(
    stack: contextlib.ExitStack,
    space: "Space",
    *,
    checked: Checked,
    listen: Callable[[Event], None],
) -> _OpenRun:
    """Record the command in the run's folder and restore its state; hold the folder for the stack.

    The record comes first, so that a run that is killed from here on is known and continued.
    """
    folder, relay = checked.folder, _Relay(listen)
    folder.mkdir(parents=True, exist_ok=True)
    lock = lock_of(folder)
    stack.enter_context(lock)
    ledger = Ledger(folder)
    notes = record_experiment(
        folder, space.name, version=_version(space, checked.plan, factory=checked.factory)
    )
    notes += record_utterances(folder, [corpus.folder for corpus in checked.corpora.values()])
    notes += checked.warnings
    controller = Controller(
        space, checked.plan, factory=checked.factory, ledger=ledger, listen=relay
    )
    lock.on_loss = controller.abandon
    resumed = controller.restore()
    controller.prepare_next()
    for note in (*ledger.warnings, *notes):
        controller.warn(note)
    return _OpenRun(
        ledger=ledger,
        controller=controller,
        relay=relay,
        resumed=resumed,
    )


def _version(space: "Space", plan: Plan, *, factory: TrialFactory) -> Version:
    return Version(
        space=space.to_dict(),
        source=space.source,
        command=command_line(),
        data=factory.fingerprints,
        environment=describe_environment(),
        total=plan.total,
        search_trials=plan.search_trials,
    )


def _plan_ready(space: "Space", run: _OpenRun, *, capacity: Capacity | None) -> PlanReady:
    objective = space.search.primary if space.search is not None else None
    return PlanReady(
        name=space.name,
        folder=run.ledger.folder,
        progress=run.controller.progress,
        objective=objective.metric if objective else None,
        mode=objective.mode if objective else None,
        concurrency=capacity.slots() if capacity else 0,
        gpus=str(capacity.gpu_use) if capacity else "",
        resumed=run.resumed,
    )


def _compute(space: "Space", run: _OpenRun, *, capacity: Capacity) -> None:
    """Run the trials that are left, until none is or the run is closed."""
    controller = run.controller
    controller.shares = GpuShares(capacity.gpu_use.gpus)
    capacity.slots.share = lambda: controller.share
    clock = controller.budget.clock(controller.close_for_budget)
    with private_folder() as scratch, interruptible(controller), clock:
        run_trials(
            space, controller, slots=capacity.slots, folder=run.ledger.folder, scratch=scratch
        )
