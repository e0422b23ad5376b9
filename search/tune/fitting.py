"""Ray Tune runs a plan: its trials, its signals, its own files."""

import contextlib
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from reports.storage import Place, StorePlace
from search.errors import RunTerminated
from search.tune.cluster import Slots
from search.tune.director import Director

if TYPE_CHECKING:
    from search.space import Space

SCRATCH = "scratch"
"""Folder of a run for what Ray Tune writes for itself; nothing in it is read again."""


def fit_plan(
    space: "Space", director: Director, slots: Slots, folder: Place, scratch: Path
) -> None:
    """Let Ray Tune run the plan; its own files live in ``scratch`` and go at the end."""
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


def scratch_folder(stack: contextlib.ExitStack, folder: Place) -> Path:
    """Return a folder of this machine for Tune's own files."""
    if isinstance(folder, StorePlace):
        scratch = tempfile.TemporaryDirectory(prefix="sugrm-tune-", ignore_cleanup_errors=True)
        return Path(stack.enter_context(scratch))
    return Path(str(folder / SCRATCH)).absolute()


@contextlib.contextmanager
def interruptible(director: Director) -> Iterator[None]:
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
