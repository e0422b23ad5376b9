"""The worker: a Ray actor that computes one trial after another.

An actor is reused, since starting one costs seconds; a fit seeds every generator itself, so a
trial in a reused actor equals one in a fresh actor. A failure of the trial is an answer, never an
exception: Tune would restart what fails for good.
"""

import gc
import json
import os
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ray.tune import Trainable

from search.tune.checkpoints import checkpoint_at
from search.tune.messages import CRASH, NAN, OOM, Failure, Outcome, Report, TrialTask
from search.tune.node_data import corpus_of, fetch_states

if TYPE_CHECKING:
    from sugrm import FitResult, TrainingRun

TASK, REPORT, EPOCH = "task", "report", "epoch"


def worker_config(task: TrialTask, home: str = "") -> dict[str, str]:
    """Return a task as Tune hands it to an actor: one text, which no logger takes apart.

    ``home`` is the node of the driver.
    """
    return {TASK: json.dumps({**asdict(task), "home": home})}


class TrialActor(Trainable):
    """Compute trials; each step is one epoch and gives one ``Report``."""

    def setup(self, config: dict[str, Any]) -> None:
        """Take a task; nothing is built yet, so that a failure to build is reported."""
        self._task = TrialTask(**json.loads(config[TASK]))
        self._run: TrainingRun | None = None
        self._reported = 0

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Drop the trial before and take the next task."""
        self.setup(new_config)
        gc.collect()
        return True

    def step(self) -> dict[str, Any]:
        """Return the next epoch: from the checkpoint's history first, then a computed one."""
        try:
            report = self._next()
        except Exception as error:
            report = Report(failure=_failure(error))
        done = report.failure is not None or report.outcome is not None
        if done:
            self._run = None
        return {REPORT: report, EPOCH: self._reported, "done": done}

    def cleanup(self) -> None:
        """Let go of the trial."""
        self._run = None

    def _next(self) -> Report:
        if self._run is None:
            self._run = build_run(self._task)
        if self._reported < len(self._run.history):
            record = self._run.history[self._reported]
        else:
            record = self._run.run_epoch()
        self._reported += 1
        last = self._run.finished and self._reported == len(self._run.history)
        return Report(record=record, outcome=_outcome(self._run.finish()) if last else None)


def build_run(task: TrialTask) -> "TrainingRun":
    """Return the fit of a task, resumed from its checkpoint if there is one."""
    os.environ["OMP_NUM_THREADS"] = str(task.threads)  # read when torch is first imported
    import torch

    from sugrm import ExperimentConfig, TrainingRun

    torch.set_num_threads(task.threads)
    config = ExperimentConfig.model_validate_json(task.config)
    corpus = corpus_of(task, config.alignment)
    fetch_states(task, config, corpus)
    return TrainingRun(
        config,
        corpus,
        seed=task.seed,
        checkpoint=checkpoint_at(task.checkpoint),
        states_key=task.states_key,
    )


def _outcome(result: "FitResult") -> Outcome:
    columns = (
        "parameters",
        "trainable_parameters",
        "inference_seconds",
        "peak_memory_mib",
        "device",
    )
    return Outcome(
        best_epoch=result.best_epoch,
        valid=dict(result.valid),
        test=dict(result.test),
        predictions=dict(result.predictions),
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
    return OOM if isinstance(error, MemoryError | torch.OutOfMemoryError) else CRASH
