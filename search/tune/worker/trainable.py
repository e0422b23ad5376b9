"""The worker: a Ray actor that computes one trial after another.

An actor is reused, since starting one costs seconds; a fit seeds every generator itself, so a
trial in a reused actor equals one in a fresh actor. A failure of the trial is an answer, never an
exception: Tune would restart what fails for good.
"""

import contextlib
import gc
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ray.tune import Trainable

from search.trials.protocol import (
    CRASH,
    DISK,
    NAN,
    OOM,
    TIMEOUT,
    Failure,
    GpuMemory,
    Outcome,
    Report,
    TrialTask,
)
from search.trials.storage_failure import ends_the_run
from search.tune.cluster.gpus import hide_gpus
from search.tune.worker.checkpoint_store import checkpoint_of_run
from search.tune.worker.node_data import corpus_of, fetch_states
from search.tune.worker.time_limit import TimeLimitError, time_limit

if TYPE_CHECKING:
    import torch

    from sugrm import FitResult, TrainingRun
    from sugrm.training import SplitPredictions

StepResult = dict[str, Any]
"""What a step gives Tune: the ``Report``, the epoch and whether the trial is done, by name."""

COMPUTING_STATES = "computing text states"
TASK, REPORT, EPOCH, GPUS = "task", "report", "epoch", "gpus"


def worker_config(task: TrialTask, *, gpus: float = 0.0, home: str = "") -> dict[str, object]:
    """Return a task as Tune hands it to an actor: one text, which no logger takes apart.

    ``gpus`` is what the trial asks for, ``home`` the node of the driver.
    """
    return {TASK: json.dumps(asdict(replace(task, home=home))), GPUS: gpus}


class TrialActor(Trainable):
    """Compute trials; each step is one epoch and gives one ``Report``."""

    def setup(self, config: dict[str, object]) -> None:
        """Take a task; nothing is built yet, so that a failure to build is reported."""
        if not config.get(GPUS) and _in_an_actor():
            hide_gpus()
        self._task = TrialTask(**json.loads(str(config[TASK])))
        self._run: TrainingRun | None = None
        self._reported = 0
        self._seconds = 0.0
        self._warnings: list[str] = []
        self._has_begun = False

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Drop the trial before and take the next task."""
        self.setup(new_config)
        gc.collect()
        free_gpu_memory()
        return True

    def step(self) -> StepResult:
        """Return the next epoch: from the checkpoint's history first, then a computed one.

        Where that begins with something that takes minutes, the first step only says so.
        """
        set_up_torch(self._task.threads)
        started = time.monotonic()
        try:
            with time_limit(*self._time_left()):
                report = self._next()
        except Exception as error:
            report = Report(failure=_failure(error))
        self._seconds += time.monotonic() - started
        report = replace(report, warnings=tuple(self._warnings), place=self._place())
        self._warnings.clear()
        done = report.failure is not None or report.outcome is not None
        if done:
            self._run = None
        return {REPORT: report, EPOCH: self._reported, "done": done}

    def cleanup(self) -> None:
        """Let go of the trial."""
        self._run = None

    def _place(self) -> Mapping[str, str | None]:
        """Return where the trial computes: stopped and failed trials record it as well."""
        if self._run is None:
            return place()
        return {**place(), "device": str(self._run.device), "precision": self._run.precision}

    def _time_left(self) -> tuple[float | None, str]:
        limit = self._task.timeout_seconds
        if limit is None:
            return None, ""
        message = (
            f"the trial took longer than {limit / 60:g} minutes; raise resources.timeout_minutes, "
            "or make trials smaller"
        )
        return limit - self._seconds, message

    def _next(self) -> Report:
        if not self._has_begun:
            self._has_begun = True
            if lacks_states(self._task):
                return Report(stage=COMPUTING_STATES)
        if self._run is None:
            with warnings_of("sugrm", self._warnings):
                self._run = build_run(self._task)
            self._seconds += sum(record.seconds for record in self._run.history)
        if self._reported < len(self._run.history):
            record = self._run.history[self._reported]
        else:
            record = self._run.run_epoch()
        self._reported += 1
        last = self._run.finished and self._reported == len(self._run.history)
        outcome = self._finish(self._run) if last else None
        return Report(record=record, outcome=outcome, memory=gpu_memory(self._run.device))

    def _finish(self, run: "TrainingRun") -> Outcome:
        outcome = _outcome(run.finish(), run.predict_sample())
        if self._task.keeps_model:
            run.save_trained(checkpoint_of_run(self._task.checkpoint))
        return outcome


def free_gpu_memory() -> None:
    """Give what this process keeps of a GPU for later back to the trials beside it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def gpu_memory(device: "torch.device") -> GpuMemory | None:
    """Return what this process takes of its GPU, None without one."""
    if device.type != "cuda":
        return None
    import torch

    free, total = torch.cuda.mem_get_info(device)
    return GpuMemory(
        peak_mib=torch.cuda.max_memory_reserved(device) / 2**20,
        reserved_mib=torch.cuda.memory_reserved(device) / 2**20,
        used_mib=(total - free) / 2**20,
        total_mib=total / 2**20,
    )


@contextlib.contextmanager
def warnings_of(logger: str, found: list[str]) -> Iterator[None]:
    """Add what a package warns of to ``found``: the log of a worker is read by nobody."""
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger(logger).addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger(logger).removeHandler(handler)


@cache
def place() -> Mapping[str, str | None]:
    """Return where this worker is: Ray's id of the node, and the GPUs that Ray lets it see."""
    import ray

    if not ray.is_initialized():  # stepped by hand, in a process of no cluster
        return {}
    context = ray.get_runtime_context()
    gpus = context.get_accelerator_ids().get("GPU")
    # Without a GPU of its own a worker keeps its parent's variable, which then says nothing.
    seen = os.environ.get("CUDA_VISIBLE_DEVICES") if gpus else None
    return {"node_id": context.get_node_id(), "gpus": seen}


def _in_an_actor() -> bool:
    """Return whether this process belongs to Ray, and not to whoever steps a trial by hand."""
    import ray

    return ray.is_initialized() and ray.get_runtime_context().get_actor_id() is not None


def build_run(task: TrialTask) -> "TrainingRun":
    """Return the fit of a task, resumed from its checkpoint if there is one."""
    from sugrm import ExperimentConfig, TrainingRun

    config = ExperimentConfig.model_validate_json(task.config)
    corpus = corpus_of(task, config.alignment)
    fetch_states(task, config, corpus)
    return TrainingRun(
        config,
        corpus,
        seed=task.seed,
        checkpoint=checkpoint_of_run(task.checkpoint),
        states_key=task.states_key,
    )


def lacks_states(task: TrialTask) -> bool:
    """Return whether the hidden states that a task reads are still to be computed on this node."""
    from sugrm import ExperimentConfig
    from sugrm.training.frozen_text import states_folder

    if task.states_key is None:
        return False
    config = ExperimentConfig.model_validate_json(task.config)
    corpus = corpus_of(task, config.alignment)
    fetch_states(task, config, corpus)
    return not states_folder(config, corpus, task.states_key).exists()


def set_up_torch(threads: int) -> None:
    """Import torch for so many threads; the first time takes seconds, which are no trial's."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read when torch is first imported
    import torch

    _import_for_good()
    torch.set_num_threads(threads)


@cache
def _import_for_good() -> None:
    """Import what trials need and take it from the garbage collector.

    Between trials a worker collects garbage, and would search a million objects of its libraries.
    """
    import sugrm  # noqa: F401

    gc.collect()
    gc.freeze()


def _outcome(result: "FitResult", sample: "SplitPredictions") -> Outcome:
    columns = (
        "parameters",
        "trainable_parameters",
        "inference_seconds",
        "peak_memory_mib",
    )
    return Outcome(
        best_epoch=result.best_epoch,
        valid=dict(result.valid),
        test=dict(result.test),
        predictions={**result.predictions, "train": sample},
        columns={name: getattr(result, name) for name in columns},
    )


def _failure(error: Exception) -> Failure:
    lines = str(error).splitlines()
    return Failure(
        kind=_kind(error),
        message=lines[0] if lines else type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
    )


def _kind(error: Exception) -> str:
    import torch

    from sugrm.errors import NonFiniteLossError

    if isinstance(error, NonFiniteLossError):
        return NAN
    if isinstance(error, TimeLimitError):
        return TIMEOUT
    if ends_the_run(error):
        return DISK
    return OOM if isinstance(error, MemoryError | torch.OutOfMemoryError) else CRASH
