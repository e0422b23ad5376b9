"""Run a space: the one entry of the library."""

import contextlib
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from reports.storage import Place, StorePlace, check_reachable
from search.environment import describe_environment
from search.errors import SearchError
from search.events import Event, PlanReady, RunEnded
from search.ledger import Ledger, hold, record_experiment
from search.ledger.experiment import Version, check_folder, command_line
from search.plan import Plan, build_plan
from search.tune.catalogue import Catalogue, CorpusFolder
from search.tune.cluster import Slots, ray_session, store_environment
from search.tune.director import Director

if TYPE_CHECKING:
    from search.space import Space

SCRATCH = "scratch"
"""Folder of a run for what Ray Tune writes for itself; nothing in it is read again."""
MAX_RESTARTS = 2
"""How often a trial is started again after its worker or node was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run came to, counted in roles over all commands so far.

    Attributes:
        name: of the space.
        folder: of the run.
        total: most roles of the run.
        finished: roles whose trial ran to its end.
        stopped: early.
        failed: with a row that says why.
        interrupted: whether Ctrl-C or the budget ended the run before its plan was done.
        seconds: of this command.
        next_step: what to do now, None if all is done.
    """

    name: str
    folder: Place
    total: int
    finished: int
    stopped: int
    failed: int
    interrupted: bool
    seconds: float
    next_step: str | None = None


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
        runs: folder of the runs, or a place of an object store (``reports.storage.place``); this
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
    check_reachable(runs)
    folder = runs / space.name
    check_folder(folder, space.name)
    plan = build_plan(space)
    if not plan.total:
        raise SearchError(
            f"{space.name} has nothing to run: no search trials and no ablation cell with data; "
            "expected at least one; raise search.trials or name data with --data"
        )
    catalogue = Catalogue(space, convert(space, plan), folder)
    catalogue.resolve({}, 0)
    with contextlib.ExitStack() as stack:
        # A new run that no cluster can hold leaves no folder behind.
        slots = None if folder.exists() else _slots(stack, space, folder, address, concurrency)
        folder.mkdir(parents=True, exist_ok=True)
        lock = hold(folder)
        stack.enter_context(lock)
        ledger = Ledger(folder)
        relay = _Relay(listen)
        # First of all, so that a run killed from here on is known as one and continued.
        notes = record_experiment(folder, space.name, _version(space, plan, catalogue))
        director = Director(space, plan, catalogue, ledger, relay)
        lock.on_loss = director.interrupt
        resumed = director.begin()
        idle = not director.has_work()
        if slots is None and not idle:
            slots = _slots(stack, space, folder, address, concurrency)
        for note in (*ledger.warnings, *notes, *_missing(plan)):
            director.warn(note)
        if slots is None or idle:  # then Ray need not start
            relay.open(_plan_ready(space, folder, director, 0, resumed))
            director.close()
            return _summarise(space, folder, director, listen, time.monotonic() - started)
        relay.open(_plan_ready(space, folder, director, slots(), resumed))
        with _interruptible(director), _deadline(director, space.budget.hours):
            _fit(space, director, slots, _scratch(stack, folder))
        return _summarise(space, folder, director, listen, time.monotonic() - started)


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


def convert(space: "Space", plan: Plan) -> Mapping[str, CorpusFolder]:
    """Convert the corpora once, before any worker wants them."""
    from sugrm import load_corpus

    corpora = {}
    for alignment in plan.alignments:
        corpus = load_corpus(space.data, alignment)
        corpora[alignment] = CorpusFolder(
            folder=corpus.folder,
            fingerprint=corpus.fingerprint,
            has_text=corpus.text_width is not None,
        )
    return corpora


def _version(space: "Space", plan: Plan, catalogue: Catalogue) -> Version:
    return Version(
        space=space.to_dict(),
        source=space.source,
        command=command_line(),
        data=catalogue.fingerprints,
        environment=describe_environment(),
        total=plan.total,
    )


def _missing(plan: Plan) -> list[str]:
    return [
        f"{cell.group}/{cell.name} is not run: it reads {cell.alignment} data and the space names "
        f"no such file; add --data {cell.alignment}=PATH"
        for cell in plan.missing
    ]


def _slots(
    stack: contextlib.ExitStack,
    space: "Space",
    folder: Place,
    address: str | None,
    concurrency: int | None,
) -> Slots:
    """Start or join Ray until the stack is left; return its slots, of which there is one."""
    stores = isinstance(folder, StorePlace)  # then the workers write to the store as well
    stack.enter_context(ray_session(address, store_environment() if stores else {}))
    slots = Slots(space.resources, concurrency)
    if not slots.fits():
        wants = space.resources
        raise SearchError(
            f"no node holds a trial: it asks for {wants.cpus} CPUs and {wants.gpus:g} GPUs; "
            "expected at least one node with that much; lower resources.cpus or resources.gpus"
        )
    return slots


def _plan_ready(
    space: "Space", folder: Place, director: Director, concurrency: int, resumed: int
) -> PlanReady:
    objective = space.search.objective if space.search is not None else None
    return PlanReady(
        name=space.name,
        folder=folder,
        progress=director.progress,
        objective=objective.metric if objective else None,
        mode=objective.mode if objective else None,
        concurrency=concurrency,
        resumed=resumed,
    )


def _scratch(stack: contextlib.ExitStack, folder: Place) -> Path:
    """Return a folder of this machine for Tune's own files."""
    if isinstance(folder, StorePlace):
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sugrm-tune-")))
    return Path(str(folder / SCRATCH)).absolute()


def _fit(space: "Space", director: Director, slots: Slots, scratch: Path) -> None:
    """Let Ray Tune run the plan; its own files live in ``scratch`` and go at the end."""
    import os

    from ray import tune

    from search.tune.schedulers import ClosingStopper, PlanScheduler
    from search.tune.searcher import PlanSearcher
    from search.tune.trainable import TrialActor

    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(slots())
    shutil.rmtree(scratch, ignore_errors=True)
    resources = {"cpu": space.resources.cpus, "gpu": space.resources.gpus}
    try:
        tune.Tuner(
            tune.with_resources(TrialActor, resources),
            tune_config=tune.TuneConfig(
                search_alg=PlanSearcher(director, slots),
                scheduler=PlanScheduler(director),
                num_samples=-1,
                reuse_actors=True,
                trial_dirname_creator=lambda trial: str(trial.trial_id),
            ),
            run_config=tune.RunConfig(
                name="tune",
                storage_path=str(scratch),
                stop=ClosingStopper(director),
                failure_config=tune.FailureConfig(max_failures=MAX_RESTARTS),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        ).fit()
    finally:
        director.close()
        shutil.rmtree(scratch, ignore_errors=True)
    if director.error is not None:
        raise director.error


@contextlib.contextmanager
def _interruptible(director: Director) -> Iterator[None]:
    """Close the run on Ctrl-C or SIGTERM; a second Ctrl-C breaks off at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        director.interrupt("interrupted: the running trials stop at their last checkpoint")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _deadline(director: Director, hours: float | None) -> Iterator[None]:
    """Close the run when its budget is spent."""
    if hours is None:
        yield
        return
    message = f"the budget of {hours:g} hours is spent: the running trials stop"
    timer = threading.Timer(hours * 3600, director.interrupt, args=[message])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _summarise(
    space: "Space",
    folder: Place,
    director: Director,
    listen: Callable[[Event], None],
    seconds: float,
) -> RunSummary:
    progress = director.progress
    next_step = "run the same command again to go on" if director.interrupted else None
    listen(
        RunEnded(
            progress=progress,
            interrupted=director.interrupted,
            seconds=seconds,
            next_step=next_step,
        )
    )
    return RunSummary(
        name=space.name,
        folder=folder,
        total=progress.total,
        finished=progress.finished,
        stopped=progress.stopped,
        failed=progress.failed,
        interrupted=director.interrupted,
        seconds=seconds,
        next_step=next_step,
    )
