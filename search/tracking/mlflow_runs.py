"""A run in MLflow: one MLflow run for it, and below that one for each of its trials.

The server or the folder is MLflow's own choice (``MLFLOW_TRACKING_URI``). Each run here has a tag
by which a continued run finds it again: ``sugrm.run``, ``sugrm.key``. ``mlflow-skinny`` suffices.
"""

import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.option_values import OptionValue
from search.tracking.protocol import EpochValues, TrackedRun, TrackedTrial

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # it would send usage statistics
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # lines would break the view of the run
    # Its own retries would wait for minutes, once for each call; the thread tries again itself.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
_RUN, _KEY, _STATUS, _PARENT = "sugrm.run", "sugrm.key", "sugrm.status", "mlflow.parentRunId"
_LAST = "train/loss"
"""The metric that is written last of an epoch: how far a trial is recorded."""
_MOST_PARAMETERS, _MOST_METRICS, _PAGE = 100, 1000, 1000  # of one request
_LONGEST = 6000  # characters of a parameter


def open_tracker(run: TrackedRun) -> "MlflowTracker":
    """Return the tracker of a run; imports MLflow and waits for its server."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    for noisy in ("mlflow", "alembic"):  # they say that tables are made, which breaks the view
        logging.getLogger(noisy).setLevel(logging.ERROR)
    return MlflowTracker(run, MlflowClient())


class MlflowTracker:
    """Write a run to MLflow.

    Args:
        run: the run.
        client: the client of MLflow's server or folder.
    """

    def __init__(self, run: TrackedRun, client: "MlflowClient") -> None:
        self._client = client
        self._experiment = self._experiment_of(os.environ.get("MLFLOW_EXPERIMENT_NAME") or run.name)
        self._run = self._run_of(run)
        self._trials: dict[str, str] = {}
        self._ended: set[str] = set()
        self._steps: dict[str, int] = {}
        self._read_trials()
        self._is_known = True
        client.update_run(self._run, status="RUNNING")

    def start_trial(self, trial: TrackedTrial) -> None:
        """Make the MLflow run of a trial, or go on in it."""
        run, recorded = self._trials.get(trial.key), set[str]()
        if run is None:
            run = self._new_trial(trial)
        if trial.key not in self._steps:
            found = self._client.get_run(run)
            recorded = set(found.data.params)
            self._steps[trial.key] = self._last_step(found)
            self._client.update_run(run, status="RUNNING")
        self._write_parameters(run, [each for each in trial.values if each[0] not in recorded])

    def write_epochs(self, key: str, epochs: Sequence[EpochValues]) -> None:
        """Write the epochs that MLflow does not have yet."""
        from mlflow.entities import Metric

        new = [each for each in epochs if each.epoch > self._steps[key]]
        metrics = [
            Metric(name, float(value), int(epoch.time * 1000), epoch.epoch)
            for epoch in new
            for name, value in sorted(epoch.scalars.items(), key=lambda each: each[0] == _LAST)
        ]
        for first in range(0, len(metrics), _MOST_METRICS):
            part = metrics[first : first + _MOST_METRICS]
            self._client.log_batch(self._trials[key], metrics=part)
        if new:
            self._steps[key] = new[-1].epoch

    def end_trial(self, trial: Trial) -> None:
        """End the MLflow run of a trial; a trial that was stopped early counts as finished."""
        run = self._trials[trial.key]
        self._client.set_tag(run, _STATUS, trial.status)
        self._client.set_terminated(run, "FAILED" if trial.status == schema.FAILED else "FINISHED")
        self._ended.add(trial.key)
        self._steps.pop(trial.key, None)

    def lacking(self, trials: Mapping[str, tuple[Trial, Role]]) -> list[str]:
        """Return the keys of the trials that have no MLflow run, or one that did not end."""
        return [key for key in trials if key not in self._ended]

    def attach_report(self, page: Path) -> None:
        """Keep the page as an artefact of the run."""
        self._client.log_artifact(self._run, str(page))

    def close(self, *, done: bool) -> None:
        """End the run; trials that have not ended are marked as killed until they continue."""
        for key in self._steps:
            self._client.set_terminated(self._trials[key], "KILLED")
        self._client.set_terminated(self._run, "FINISHED" if done else "KILLED")

    def _experiment_of(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        return str(self._client.create_experiment(name) if found is None else found.experiment_id)

    def _run_of(self, run: TrackedRun) -> str:
        """Return the MLflow run of the run, made where there is none."""
        for found in self._search(f"tags.`{_RUN}` = '{run.identity}'"):
            return str(found.info.run_id)
        made = self._client.create_run(
            self._experiment, run_name=run.name, tags={_RUN: run.identity}
        )
        if run.source:
            with tempfile.TemporaryDirectory(prefix="sugrm-mlflow-") as folder:
                file = Path(folder) / "space.yaml"
                file.write_text(run.source, encoding="utf-8")
                self._client.log_artifact(made.info.run_id, str(file))
        return str(made.info.run_id)

    def _new_trial(self, trial: TrackedTrial) -> str:
        if not self._is_known:  # an earlier attempt may have made it without hearing so
            self._read_trials()
        if trial.key not in self._trials:
            self._is_known = False
            role = trial.role
            named = {"phase": role.phase, "group": role.group, "cell": role.cell}
            tags = {f"sugrm.{name}": value for name, value in named.items() if value}
            made = self._client.create_run(
                self._experiment,
                run_name=trial.label,
                tags={_PARENT: self._run, _KEY: trial.key, **tags},
            )
            self._trials[trial.key] = made.info.run_id
        self._is_known = True
        return self._trials[trial.key]

    def _read_trials(self) -> None:
        for found in self._search(f"tags.`{_PARENT}` = '{self._run}'"):
            key = found.data.tags.get(_KEY)
            if key is not None:
                self._trials[key] = found.info.run_id
                if found.info.status in ("FINISHED", "FAILED") and _STATUS in found.data.tags:
                    self._ended.add(key)

    def _search(self, condition: str) -> "Iterator[Run]":
        token: str | None = None
        while True:
            found = self._client.search_runs(
                [self._experiment], condition, max_results=_PAGE, page_token=token
            )
            yield from found
            token = found.token
            if not token:
                return

    def _last_step(self, run: "Run") -> int:
        if _LAST not in run.data.metrics:
            return 0
        history = self._client.get_metric_history(run.info.run_id, _LAST)
        return max((metric.step for metric in history), default=0)

    def _write_parameters(self, run: str, values: Sequence[tuple[str, OptionValue]]) -> None:
        from mlflow.entities import Param

        given = [Param(name, _text(value)) for name, value in values if value is not None]
        for first in range(0, len(given), _MOST_PARAMETERS):
            self._client.log_batch(run, params=given[first : first + _MOST_PARAMETERS])


def _text(value: OptionValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
