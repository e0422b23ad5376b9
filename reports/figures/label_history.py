"""The distribution of the generated labels by epoch and modality: the paper's Figure 4.

It also shows the human label of the same training utterances.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.content.figure import Axis, Band, Figure, Line, Look, Mark, Panel, Rule
from reports.ledger.reading.load import Results
from reports.ledger.schema import UNIMODAL_TASKS
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.corpora import training_utterances
from reports.results.label_points import MODALITIES
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_GENERATED, _HUMAN = "generated", "human label"
_HALF = 0.4  # epochs: half the width of the human label, drawn at epoch 0
Labels = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """The labels of one trial: quantiles at ``_SHARES`` by task and epoch.

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


def label_history(results: Results) -> tuple[Figure, ...]:
    """Return the figure; none if neither the chosen configuration nor a cell generates labels."""
    for name, setting in _settings(results):
        for _, trial in sorted(setting.finished.items()):
            history = _history(results, name, trial=trial)
            if history is not None:
                return (_figure(history),)
    return ()


def _settings(results: Results) -> Iterator[tuple[str, SeedGroup]]:
    """Yield the chosen configuration, then the cells of the ablations, each baseline first."""
    confirmation = confirmation_of(results)
    if confirmation.best is not None:
        yield confirmation.best_title, confirmation.best
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        for cell in (baseline, *(cell for cell in cells if cell is not baseline)):
            yield f"{cell.cell} of the ablation {group}", cell


def _history(results: Results, name: str, *, trial: Trial) -> _History | None:
    given = (json.loads(trial.config).get("objective") or {}).get("labels") or {}
    if given.get("name") == "none":
        return None
    rows = results.labels([trial.key])
    tasks = [task for task in UNIMODAL_TASKS if task in rows["task"].unique().to_pylist()]
    by_task = {task: dict(sorted(_by_epoch(rows, task))) for task in tasks}
    if not by_task:
        return None
    first = int(given.get("first_epoch") or 1)
    return _History(
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


def _figure(history: _History) -> Figure:
    tasks = list(history.generated)
    values = [q for epochs in history.generated.values() for q in epochs.values()]
    bounds = np.concatenate([*values, *([] if history.human is None else [history.human])])
    finite = bounds[np.isfinite(bounds)]
    low, high = (finite.min(), finite.max()) if finite.size else (-1.0, 1.0)
    margin = 0.06 * (high - low) or 0.5
    y = (float(low - margin), float(high + margin))
    return Figure(
        name="label_history",
        title="Generated labels by epoch (Figure 4)",
        summary=_summary(history),
        panels=tuple(_panel(history, task, y=y, is_first=task == tasks[0]) for task in tasks),
        columns=len(tasks),
        notes=tuple(_notes(history)),
    )


def _panel(history: _History, task: str, *, y: tuple[float, float], is_first: bool) -> Panel:
    epochs = list(history.generated[task])
    found = list(history.generated[task].values())
    hover = [f"epoch {epoch}: {_words(each)}" for epoch, each in zip(epochs, found, strict=True)]
    marks: list[Mark] = [Rule(y=0.0)]
    best = history.trial.best_epoch
    if best is not None:
        marks.append(Rule(x=float(best), text="best"))
    marks += _distribution(
        [float(epoch) for epoch in epochs], found, series=_GENERATED, hover=hover
    )
    if history.human is not None:
        human = [f"human label: {_words(history.human)}"] * 2
        marks += _distribution([-_HALF, _HALF], [history.human] * 2, series=_HUMAN, hover=human)
    return Panel(
        title=MODALITIES[task],
        x=Axis(title="epoch"),
        y=Axis(title="label" if is_first else "", low=y[0], high=y[1]),
        marks=tuple(marks),
    )


def _distribution(
    x: Sequence[float], found: Sequence[Labels], *, series: str, hover: Sequence[str]
) -> list[Mark]:
    fifth, quarter, median, three_quarters, ninety_fifth = np.transpose(found).tolist()
    return [
        Band(x=x, low=fifth, high=ninety_fifth, series=series, look=Look.FAINT),
        Band(x=x, low=quarter, high=three_quarters, series=series),
        Line(x=x, y=median, series=series, look=Look.STRONG, hover=hover),
    ]


def _words(quantiles: Labels) -> str:
    # Adding 0 makes -0 a 0.
    fifth, quarter, median, three_quarters, ninety_fifth = quantiles.round(2) + 0.0
    return (
        f"median {median:.2f}, half in {quarter:.2f} to {three_quarters:.2f}, "
        f"90 % in {fifth:.2f} to {ninety_fifth:.2f}"
    )


def _summary(history: _History) -> str:
    last = max(epoch for epochs in history.generated.values() for epoch in epochs)
    parts = "; ".join(
        f"{MODALITIES[task]}: {_words(list(epochs.values())[-1])}"
        for task, epochs in history.generated.items()
    )
    human = "" if history.human is None else f" Human label: {_words(history.human)}."
    return f"Generated labels after epoch {last}, {parts}.{human}"


def _notes(history: _History) -> Iterator[str]:
    yield (
        f"Setting: {history.name}; seed {history.trial.seed} only, its first. "
        f"Training split, n = {history.utterances} utterances per epoch and modality. "
        "Line: median; bands: quantiles 25 to 75 % and 5 to 95 %; rule: the best epoch on "
        "validation. The human label is at epoch 0."
    )
    if history.first_epoch > 1:
        first = history.first_epoch
        yield f"Generation begins in epoch {first}; until then labels are the human ones."
    if history.human is None:
        yield "The human label of the training split is not recorded in this run."
