"""The worker: a Ray actor that computes one trial after another.

An actor is reused, since starting one takes seconds. A trial that fails returns a report of its
failure and raises nothing: Tune would start a failed actor again.
"""

import gc
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ray.tune import Trainable

from search.gpus import hide_gpus
from search.trials.protocol import TrialTask
from search.tune.ray_home import RayHome
from search.tune.ray_process import is_ray_actor, worker_place
from search.worker.process import free_gpu_memory
from search.worker.trial import TrialSteps

StepResult = dict[str, Any]
"""What a step gives Tune: the ``Report``, the epoch and whether the trial is done, by name."""

TASK, REPORT, EPOCH, GPUS, HOME = "task", "report", "epoch", "gpus", "home"


def worker_config(task: TrialTask, *, gpus: float = 0.0, home: str = "") -> dict[str, object]:
    """Return a task in the form in which Tune gives it to an actor: as one text.

    Args:
        task: the trial to compute.
        gpus: the GPUs that the trial asks for: 0, a share below 1, or 1.
        home: Ray's id of the driver's node, "" without a cluster.
    """
    return {TASK: json.dumps(asdict(task)), GPUS: gpus, HOME: home}


class TrialActor(TrialSteps, Trainable):
    """Compute trials; each step is one epoch and gives one ``Report``."""

    def setup(self, config: dict[str, object]) -> None:
        """Store a task; ``step`` builds it, so that a failure to build is reported."""
        if not config.get(GPUS) and is_ray_actor():
            hide_gpus()
        home = config.get(HOME)
        self.home = RayHome(str(home)) if home else None
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
