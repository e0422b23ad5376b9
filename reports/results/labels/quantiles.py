"""The quantiles of the generated labels of one trial, by modality and epoch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.ledger.reading.load import Results
from reports.ledger.schema import UNIMODAL_TASKS
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.corpora import training_utterances
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_first

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
Labels = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelQuantiles:
    """The labels of one trial: quantiles at 5, 25, 50, 75 and 95 %.

    Attributes:
        name: name of its setting, for use within a sentence.
        trial: the trial.
        first_epoch: epoch in which generation begins; before it labels are the human ones.
        generated: [5] quantiles by task and epoch; at least one epoch.
        human: [5] quantiles; None if the human label of the training split is not recorded.
        utterances: number of utterances in the training split.
    """

    name: str
    trial: Trial
    first_epoch: int
    generated: Mapping[str, Mapping[int, Labels]]
    human: Labels | None
    utterances: int


def label_quantiles(results: Results) -> LabelQuantiles | None:
    """Return the quantiles of the first trial that generated labels.

    It is one of the chosen configuration, else one of a cell of an ablation; None where neither
    generates labels.
    """
    for name, setting in settings_by_worth(results):
        for trial in setting.trials:
            found = _of_trial(results, name, trial=trial)
            if found is not None:
                return found
    return None


def settings_by_worth(results: Results) -> Iterator[tuple[str, SeedGroup]]:
    """Yield the chosen configuration, then the cells of the ablations, each baseline first."""
    confirmation = confirmation_of(results)
    if confirmation.best is not None:
        yield confirmation.best_title, confirmation.best
    for group, cells in ablation_cells(results).items():
        for cell in baseline_first(results, cells):
            yield f"{cell.cell} of the ablation {group}", cell


def _of_trial(results: Results, name: str, *, trial: Trial) -> LabelQuantiles | None:
    given = (json.loads(trial.config).get("objective") or {}).get("labels") or {}
    by_task = {} if given.get("name") == "none" else _by_task(results.labels([trial.key]))
    if not by_task:
        return None
    first = int(given.get("first_epoch") or 1)
    return LabelQuantiles(
        name=name,
        trial=trial,
        first_epoch=first,
        generated={
            task: {epoch: _quantiles(labels) for epoch, labels in epochs.items()}
            for task, epochs in by_task.items()
        },
        human=_human(results, trial, by_task=by_task, first=first),
        utterances=max(len(labels) for epochs in by_task.values() for labels in epochs.values()),
    )


def _by_task(rows: pa.Table) -> dict[str, dict[int, Labels]]:
    """Return the labels of each modality by epoch."""
    tasks = [task for task in UNIMODAL_TASKS if task in rows["task"].unique().to_pylist()]
    return {task: dict(sorted(_by_epoch(rows, task))) for task in tasks}


def _by_epoch(rows: pa.Table, task: str) -> Iterator[tuple[int, Labels]]:
    of_task = rows.filter(pc.equal(rows["task"], pa.scalar(task)))
    for epoch, labels in zip(of_task["epoch"].to_pylist(), of_task["labels"], strict=True):
        if labels.is_valid:
            yield int(epoch or 0), np.asarray(labels.values, dtype=np.float64)


def _quantiles(labels: Labels) -> Labels:
    """Return the quantiles at ``_SHARES``, linearly interpolated; NaN without a finite label."""
    finite = labels[np.isfinite(labels)]
    return np.quantile(finite, _SHARES) if finite.size else np.full(len(_SHARES), np.nan)


def _human(
    results: Results, trial: Trial, *, by_task: Mapping[str, Mapping[int, Labels]], first: int
) -> Labels | None:
    """Return the quantiles of the human label: recorded, or from before generation began."""
    rows = training_utterances(results, trial)
    if len(rows):
        return _quantiles(rows["label"].to_numpy().astype(np.float64))
    for epochs in by_task.values():
        for epoch, labels in epochs.items():
            if epoch < first:
                return _quantiles(labels)
    return None
