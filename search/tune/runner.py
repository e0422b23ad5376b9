"""Run a space: the one entry of the library."""

import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from search.environment import describe_environment
from search.errors import RunTerminated, SearchError
from search.events import Event, PlanReady, RunEnded
from search.ledger import Ledger, RunLock, record_experiment
from search.ledger.experiment import Version, check_folder, command_line
from search.plan import Plan, build_plan
from search.tune.catalogue import Catalogue, CorpusFolder
from search.tune.cluster import Slots, ray_session
from search.tune.director import Director

if TYPE_CHECKING:
    from search.space import Space

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
    """

    name: str
    folder: Path
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
    runs: Path,
    listen: Callable[[Event], None] = lambda event: None,
    address: str | None = None,
    concurrency: int | None = None,
) -> RunSummary:
    """Run a space, or continue it: what stands in its ledger is not run again.

    Args:
        space: what to run.
        runs: folder of the runs; this one's is ``runs/NAME``.
        listen: hears what happens.
        address: of a Ray cluster; None uses this machine.
        concurrency: most trials at once.

    Returns:
        What the run came to. The first Ctrl-C stops it; a second one breaks it off.

    Raises:
        SearchError: the folder, the space or the cluster cannot serve the run.
        SugrmError: the data or the text encoder cannot be used.
    """
    started = time.monotonic()
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
        slots = None if folder.exists() else _slots(stack, space, address, concurrency)
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(RunLock(folder))
        ledger = Ledger(folder)
        relay = _Relay(listen)
        # First of all, so that a run killed from here on is known as one and continued.
        notes = record_experiment(folder, space.name, _version(space, plan, catalogue))
        director = Director(space, plan, catalogue, ledger, relay)
        resumed = director.begin()
        idle = not director.has_work()
        if slots is None and not idle:
            slots = _slots(stack, space, address, concurrency)
        for note in (*ledger.warnings, *notes, *_missing(plan)):
            director.warn(note)
        if slots is None or idle:  # then Ray need not start
            relay.open(_plan_ready(space, folder, director, 0, resumed))
            director.close()
            return _summarise(space, folder, director, listen, time.monotonic() - started)
        slots.share = lambda: director.share
        relay.open(_plan_ready(space, folder, director, slots(), resumed))
        with _interruptible(director), _deadline(director, space.budget.hours):
            _fit(space, director, slots, (folder / SCRATCH).absolute())
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
    stack: contextlib.ExitStack, space: "Space", address: str | None, concurrency: int | None
) -> Slots:
    """Start or join Ray until the stack is left; return its slots, of which there is one."""
    stack.enter_context(ray_session(address))
    slots = Slots(space.resources, concurrency)
    if not slots.fits():
        wants = space.resources
        raise SearchError(
            f"no node holds a trial: it asks for {wants.cpus} CPUs and {wants.gpus:g} GPUs; "
            "expected at least one node with that much; lower resources.cpus or resources.gpus"
        )
    return slots


def _plan_ready(
    space: "Space", folder: Path, director: Director, concurrency: int, resumed: int
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


def _fit(space: "Space", director: Director, slots: Slots, scratch: Path) -> None:
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
        told = director.error or broken_off(error, scratch.parent)
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
    folder: Path,
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
