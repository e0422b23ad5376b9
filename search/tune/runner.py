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
from search.budget import spent_message
from search.environment import describe_environment
from search.errors import RunTerminated, SearchError
from search.estimate.disk import check_room
from search.events import Event, PlanReady, RunEnded
from search.ledger import Ledger, hold, record_experiment, record_utterances
from search.ledger.experiment import Version, check_folder, command_line
from search.plan import Plan, build_plan
from search.tune.catalogue import Catalogue, CorpusFolder
from search.tune.cluster import Slots, ray_session, store_environment
from search.tune.director import Director
from search.tune.earlier import check_sources
from search.tune.importance import record_importance

if TYPE_CHECKING:
    from search.space import Space
    from search.space.sections import Budget

SCRATCH = "scratch"
"""Folder of a run for what Ray Tune writes for itself; nothing in it is read again."""


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
        spent: the budget that ended this command (``hours``, ``trials``, ``epochs``), else None.
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
    spent: str | None = None


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
    corpora = convert(space, plan)
    catalogue = Catalogue(space, corpora, folder)
    catalogue.resolve({}, 0)
    check_room(space, plan, corpora.values(), folder, concurrency)
    check_sources(space, catalogue, folder)
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
        notes += record_utterances(folder, [corpus.folder for corpus in corpora.values()])
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
            return _summarise(space, ledger, director, listen, time.monotonic() - started)
        slots.share = lambda: director.share
        relay.open(_plan_ready(space, folder, director, slots(), resumed))
        with _interruptible(director), director.spending.clock(director.spend):
            _fit(space, director, slots, folder, _scratch(stack, folder))
        return _summarise(space, ledger, director, listen, time.monotonic() - started)


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
    stack.enter_context(ray_session(address, environment=store_environment() if stores else {}))
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
    objective = space.search.primary if space.search is not None else None
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
        scratch = tempfile.TemporaryDirectory(prefix="sugrm-tune-", ignore_cleanup_errors=True)
        return Path(stack.enter_context(scratch))
    return Path(str(folder / SCRATCH)).absolute()


def _fit(space: "Space", director: Director, slots: Slots, folder: Place, scratch: Path) -> None:
    """Let Ray Tune run the plan; its own files live in ``scratch`` and go at the end."""
    import os

    from ray import tune

    from search.tune.ray_errors import broken_off, losses_fail_their_trial
    from search.tune.schedulers import ClosingStopper, PlanScheduler
    from search.tune.searcher import PlanSearcher
    from search.tune.trainable import GPUS, TrialActor

    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(slots())
    shutil.rmtree(scratch, ignore_errors=True)
    cpus = space.resources.cpus
    tuner = tune.Tuner(
        tune.with_resources(
            TrialActor,
            lambda config: tune.PlacementGroupFactory([{"CPU": cpus, "GPU": config[GPUS]}]),
        ),
        tune_config=tune.TuneConfig(
            search_alg=PlanSearcher(director, slots),
            scheduler=PlanScheduler(director, space.resources.timeout_minutes),
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: str(trial.trial_id),
        ),
        run_config=tune.RunConfig(
            name="tune",
            storage_path=str(scratch),
            stop=ClosingStopper(director),
            failure_config=tune.FailureConfig(max_failures=0),  # see search.tune.retries
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            verbose=0,
        ),
    )
    try:
        with losses_fail_their_trial():
            tuner.fit()
    except Exception as error:
        told = director.error or broken_off(error, folder.absolute())
        if told is error:
            raise
        raise told from error
    finally:
        director.close()
        shutil.rmtree(scratch, ignore_errors=True)
    if director.error is not None:
        raise director.error


@contextlib.contextmanager
def _interruptible(director: Director) -> Iterator[None]:
    """Close the run on Ctrl-C; a second one, or SIGTERM, breaks off at once.

    SIGTERM mostly comes to all processes of a job together, Ray's own among them, so nothing is
    left to wait for.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        director.interrupt("interrupted: the running trials stop at their last checkpoint")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    terminated = threading.Event()

    def terminate(number: int, frame: FrameType | None) -> None:
        terminated.set()
        director.interrupt("terminated: the running trials go on from their last checkpoint")
        raise RunTerminated

    handlers = {signal.SIGINT: interrupt, signal.SIGTERM: terminate}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    except KeyboardInterrupt:
        if terminated.is_set():  # Tune raises another one in its place
            raise RunTerminated from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summarise(
    space: "Space",
    ledger: Ledger,
    director: Director,
    listen: Callable[[Event], None],
    seconds: float,
) -> RunSummary:
    if unwritten := record_importance(space, ledger):
        director.warn(unwritten)
    progress = director.progress
    next_step = _next_step(director, space.budget)
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
        folder=ledger.folder,
        total=progress.total,
        finished=progress.finished,
        stopped=progress.stopped,
        failed=progress.failed,
        interrupted=director.interrupted,
        seconds=seconds,
        next_step=next_step,
        spent=director.spent,
    )


def _next_step(director: Director, budget: "Budget") -> str | None:
    if director.spent is not None:
        limit = getattr(budget, director.spent)
        return (
            f"{spent_message(budget, director.spent)}; to go on, run the same command with a "
            f"larger one, as in --set budget.{director.spent}={2 * limit:g}"
        )
    return "run the same command again to go on" if director.interrupted else None
