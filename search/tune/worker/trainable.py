"""The worker: a Ray actor that computes one trial after another.

An actor is reused, since starting one takes seconds. A trial that fails returns a report of its
failure and raises nothing: Tune would start a failed actor again.
"""

import gc
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from ray.tune import Trainable

from search.trials.protocol import TrialTask
from search.tune.cluster.gpus import hide_gpus
from search.tune.worker.process import free_gpu_memory
from search.tune.worker.ray_process import is_ray_actor, worker_place
from search.tune.worker.trial import TrialSteps

StepResult = dict[str, Any]
"""What a step gives Tune: the ``Report``, the epoch and whether the trial is done, by name."""

TASK, REPORT, EPOCH, GPUS = "task", "report", "epoch", "gpus"


def worker_config(task: TrialTask, *, gpus: float = 0.0, home: str = "") -> dict[str, object]:
    """Return a task in the form in which Tune gives it to an actor: as one text.

    Args:
        task: the trial to compute.
        gpus: the GPUs that the trial asks for: 0, a share below 1, or 1.
        home: Ray's id of the driver's node, "" without a cluster.
    """
    return {TASK: json.dumps(asdict(replace(task, home=home))), GPUS: gpus}


class TrialActor(TrialSteps, Trainable):
    """Compute trials; each step is one epoch and gives one ``Report``."""

    def setup(self, config: dict[str, object]) -> None:
        """Store a task; ``step`` builds it, so that a failure to build is reported."""
        if not config.get(GPUS) and is_ray_actor():
            hide_gpus()
        self.begin(str(config[TASK]))

    def reset_config(self, new_config: dict[str, object]) -> bool:
        """Drop the previous trial and store the next task."""
        self.setup(new_config)
        gc.collect()
        free_gpu_memory()
        return True

    def step(self) -> StepResult:
        """Return the next report of the trial."""
        report, done = self.advance()
        return {REPORT: report, EPOCH: self._reported, "done": done}

    def cleanup(self) -> None:
        """Drop the trial, so that its memory is freed."""
        self._run = None

    def place(self) -> Mapping[str, str | None]:
        """Return Ray's id of this node, and the GPUs that the worker sees."""
        return worker_place()
