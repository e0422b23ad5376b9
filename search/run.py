"""Run a space: the one entry of the library."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, StorePlace
from search.controller.controller import Controller
from search.controller.gpu_packing import GpuShares
from search.controller.summary import RunSummary, summarise
from search.environment import describe_environment
from search.errors import SearchError
from search.estimate.disk import check_room
from search.estimate.remaining import left_to_compute
from search.events import Event, PlanReady
from search.ledger import Ledger, lock_of, record_experiment, record_utterances
from search.ledger.experiment_file import Version, command_line
from search.plan import Plan
from search.trials.factory import TrialFactory
from search.tune.cluster.gpus import GpuUse, gpu_use, gpus_of, local_gpus
from search.tune.cluster.private_folder import private_folder
from search.tune.cluster.session import (
    Slots,
    is_started,
    living_nodes,
    ray_session,
    store_environment,
)
from search.tune.tuner import fit_plan, interruptible

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
    """Run a space, or continue it: what stands in its ledger is not run again.

    Args:
        space: what to run.
        runs: folder of the runs, or a place of an object store
            (``reports.ledger.places.storage.place``); this
            run's is ``runs/NAME``.
        listen: hears what happens.
        address: of a Ray cluster; None uses this machine.
        concurrency: most trials at once.

    Returns:
        What the run came to. The first Ctrl-C stops it; a second one breaks it off.

    Raises:
        SearchError: the folder, the space or the cluster cannot serve the run.
        StorageError: the object store of the folder does not serve.
        SugrmError: the data or the text encoder cannot be used.
    """
    started = time.monotonic()
    left = left_to_compute(space, runs)
    checked = left.checked
    plan, folder, factory = checked.plan, checked.folder, checked.factory
    corpora = checked.corpora
    if left.remaining.spent is None:  # else no trial starts, which needs no room
        check_room(
            space,
            left.work,
            corpora=corpora.values(),
            folder=folder,
            concurrency=concurrency,
        )
    with contextlib.ExitStack() as stack:
        # A new run that no cluster can hold leaves no folder behind.
        room = None if folder.exists() else _room(stack, space, folder, address, concurrency)
        folder.mkdir(parents=True, exist_ok=True)
        lock = lock_of(folder)
        stack.enter_context(lock)
        ledger = Ledger(folder)
        relay = _Relay(listen)
        # First of all, so that a run killed from here on is known as one and continued.
        notes = record_experiment(folder, space.name, _version(space, plan, factory))
        notes += record_utterances(folder, [corpus.folder for corpus in corpora.values()])
        notes += checked.warnings
        controller = Controller(space, plan, factory, ledger, relay)
        lock.on_loss = controller.abandon
        resumed = controller.restore()
        idle = not controller.has_work()
        if room is None and not idle:
            room = _room(stack, space, folder, address, concurrency)
        for note in (*ledger.warnings, *notes):
            controller.warn(note)
        if room is None or idle:  # then Ray need not start
            relay.open(_plan_ready(space, folder, controller, None, resumed))
            controller.close()
            return summarise(space, ledger, controller, listen, time.monotonic() - started)
        controller.shares = GpuShares(room.use.gpus)
        relay.open(_plan_ready(space, folder, controller, room, resumed))
        room.slots.share = lambda: controller.share
        clock = controller.budget.clock(controller.spend)
        with private_folder() as scratch, interruptible(controller), clock:
            fit_plan(space, controller, room.slots, folder, scratch)
        return summarise(space, ledger, controller, listen, time.monotonic() - started)


class _Relay:
    """Hold events back until ``PlanReady``, which a listener hears first."""

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self._listen = listen
        self._held: list[Event] | None = []

    def __call__(self, event: Event) -> None:
        if self._held is None:
            self._listen(event)
        else:
            self._held.append(event)

    def open(self, ready: PlanReady) -> None:
        """Tell ``ready``, then what was held back."""
        held, self._held = self._held or [], None
        for event in (ready, *held):
            self._listen(event)


def _version(space: "Space", plan: Plan, factory: TrialFactory) -> Version:
    return Version(
        space=space.to_dict(),
        source=space.source,
        command=command_line(),
        data=factory.fingerprints,
        environment=describe_environment(),
        total=plan.total,
        search_trials=plan.search_trials,
    )


@dataclass(frozen=True, slots=True)
class _Room:
    """What the machine or the cluster holds: how many trials, and what each takes of a GPU."""

    slots: Slots
    use: GpuUse


def _room(
    stack: contextlib.ExitStack,
    space: "Space",
    folder: Place,
    address: str | None,
    concurrency: int | None,
) -> _Room:
    """Start or join Ray until the stack is left; return its room, which holds a trial at least."""
    stores = isinstance(folder, StorePlace)  # then the workers write to the store as well
    alone = address is None and not is_started()
    stack.enter_context(ray_session(address, environment=store_environment() if stores else {}))
    counted = gpus_of(living_nodes())
    # Ray counts this machine's GPUs also where PyTorch was installed without CUDA.
    use = gpu_use(space, min(counted, local_gpus()) if alone else counted)
    slots = Slots(use.resources(space), concurrency)
    if not slots.fits():
        raise SearchError(
            f"no node holds a trial: it asks for {space.resources.cpus} CPUs and {use.amount} "
            f"({use.reason}); "
            "expected at least one node with that much; lower resources.cpus or resources.gpus, "
            "or set training.device to auto or cpu"
        )
    return _Room(slots, use)


def _plan_ready(
    space: "Space", folder: Place, controller: Controller, room: _Room | None, resumed: int
) -> PlanReady:
    objective = space.search.primary if space.search is not None else None
    return PlanReady(
        name=space.name,
        folder=folder,
        progress=controller.progress,
        objective=objective.metric if objective else None,
        mode=objective.mode if objective else None,
        concurrency=room.slots() if room else 0,
        gpus=str(room.use) if room else "",
        resumed=resumed,
    )
