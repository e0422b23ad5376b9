"""Computing one trial, epoch by epoch, without knowing who asks for it.

A fit seeds every random generator itself, so a trial in a process that has computed others equals
one in a fresh process. A trial that fails returns a report of its failure and raises nothing.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from search.trials.protocol import Outcome, Report, TrialTask
from search.worker.checkpoint_store import checkpoint_of_run
from search.worker.failure import failure_of
from search.worker.home import Home
from search.worker.node_data import corpus_of, fetch_states
from search.worker.node_plugins import load_task_plugins
from search.worker.node_start import start_of
from search.worker.process import collect_warnings, gpu_memory, processor_of, set_up_torch
from search.worker.time_limit import time_limit

if TYPE_CHECKING:
    from sugrm import FitResult, TrainingRun
    from sugrm.training import SplitPredictions

COMPUTING_STATES = "computing text states"


class TrialSteps:
    """Compute a trial; each step is one epoch and gives one ``Report``.

    Attributes:
        computed: how many epochs this process has computed of the trial.
        home: the driver's node, which sends what this node lacks; None without a way there.
    """

    computed = 0
    home: Home | None = None

    def begin(self, task: str) -> None:
        """Store a task; the first step builds it, so that a failure to build is reported.

        Args:
            task: the values of a ``TrialTask`` as JSON.
        """
        self._task = TrialTask(**json.loads(task))
        self._run: TrainingRun | None = None
        self._reported = self.computed = 0
        self._seconds = 0.0
        self._warnings: list[str] = []
        self._has_begun = False

    def place(self) -> Mapping[str, str | None]:
        """Return where this process computes, as columns of a trial's row in the ledger."""
        return {}

    def advance(self) -> tuple[Report, bool]:
        """Return the next report: first those of the checkpoint, then of epochs computed now.

        If the first epoch needs something that takes minutes, the first report only names it.

        Returns:
            The report, and whether it is the last one.
        """
        set_up_torch(self._task.threads)
        started = time.monotonic()
        try:
            with time_limit(*self._time_left()):
                report = self._next_report()
        except Exception as error:
            report = Report(failure=failure_of(error))
        self._seconds += time.monotonic() - started
        report = replace(report, warnings=tuple(self._warnings), place=self._place())
        self._warnings.clear()
        done = report.failure is not None or report.outcome is not None
        if done:
            self._run = None
        return report, done

    def _place(self) -> Mapping[str, str | None]:
        if self._run is None:
            return self.place()
        device = self._run.device
        return {
            **self.place(),
            "device": str(device),
            "processor": processor_of(device),
            "precision": self._run.precision,
        }

    def _time_left(self) -> tuple[float | None, str]:
        limit = self._task.timeout_seconds
        if limit is None:
            return None, ""
        message = (
            f"the trial took longer than {limit / 60:g} minutes; raise resources.timeout_minutes, "
            "or make trials smaller"
        )
        return limit - self._seconds, message

    def _next_report(self) -> Report:
        """Compute or replay one epoch; return its report."""
        if not self._has_begun:
            self._has_begun = True
            if not fetch_task_states(self._task, home=self.home):
                return Report(stage=COMPUTING_STATES)
        if self._run is None:
            with collect_warnings("sugrm", self._warnings):
                self._run = build_run(self._task, home=self.home)
            self._seconds += sum(record.seconds for record in self._run.history)
        if self._reported < len(self._run.history):
            record = self._run.history[self._reported]
        else:
            record = self._run.run_epoch()
            self.computed += 1
        self._reported += 1
        last = self._run.finished and self._reported == len(self._run.history)
        outcome = self._finish(self._run) if last else None
        return Report(record=record, outcome=outcome, memory=gpu_memory(self._run.device))

    def _finish(self, run: "TrainingRun") -> Outcome:
        outcome = _outcome(run.finish(), run.predict_sample())
        if self._task.keeps_model:
            run.save_trained(checkpoint_of_run(self._task.checkpoint))
        return outcome


def build_run(task: TrialTask, *, home: Home | None = None) -> "TrainingRun":
    """Return the training run of a task, resumed from its checkpoint if there is one.

    Args:
        task: the task.
        home: the driver's node, None without a way there.
    """
    from sugrm import ExperimentConfig, TrainingRun

    load_task_plugins(task, home=home)
    config = ExperimentConfig.model_validate_json(task.config)
    corpus = corpus_of(task, config.alignment, home=home)
    fetch_states(task, config, corpus=corpus, home=home)
    return TrainingRun(
        config,
        corpus,
        seed=task.seed,
        checkpoint=checkpoint_of_run(task.checkpoint),
        states_key=task.states_key,
        start=start_of(task, home=home),
    )


def fetch_task_states(task: TrialTask, *, home: Home | None = None) -> bool:
    """Fetch the hidden states that a task reads; return False if this node has to compute them."""
    from sugrm import ExperimentConfig
    from sugrm.training.frozen_text import states_folder

    if task.states_key is None:
        return True
    load_task_plugins(task, home=home)
    config = ExperimentConfig.model_validate_json(task.config)
    corpus = corpus_of(task, config.alignment, home=home)
    fetch_states(task, config, corpus=corpus, home=home)
    return states_folder(config, corpus, key=task.states_key).exists()


def _outcome(result: "FitResult", sample: "SplitPredictions") -> Outcome:
    columns = "parameters", "trainable_parameters", "inference_seconds", "peak_memory_mib"
    return Outcome(
        best_epoch=result.best_epoch,
        valid=dict(result.valid),
        test=dict(result.test),
        predictions={**result.predictions, "train": sample},
        columns={name: getattr(result, name) for name in columns},
    )
