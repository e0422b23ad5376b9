"""Table 5: training utterances with their text, predictions and generated labels."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.load import Results, Trial
from reports.paper.commands import packaged_command, runs_folder
from reports.schema import TRAIN, UNIMODAL_TASKS
from reports.select import ablation_cells, confirmation_of
from reports.table import Cell, Column, Missing, Note, Number, Style, Table, Text

SHOWN = 8
"""Utterances in the table."""
_TASKS = ("M", *UNIMODAL_TASKS)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """The trial that the table speaks of, at its best epoch.

    Attributes:
        results: of its run.
        what: the confirmed configuration or the cell that it belongs to.
        trial: the trial.
        sample: its predictions for training utterances, by human label.
        labels: task letter -> generated labels of the whole training split.
        utterances: id -> what the ledger has of an utterance of the sample.
    """

    results: Results
    what: str
    trial: Trial
    sample: Sequence[Row]
    labels: Mapping[str, Sequence[float]]
    utterances: Mapping[str, Row]


def table_5(results: Sequence[Results], with_text: bool = True) -> tuple[Table, ...]:
    """Return the table for the newest of some runs in which a trial generated labels.

    Shown is the chosen confirmed configuration of that run if it generates labels, else its cell
    named SUGRM, else its first cell that does, each by its smallest seed.

    Args:
        results: the runs.
        with_text: whether the texts are shown, which may be under a licence.
    """
    shown = _shown(results)
    rows = () if shown is None else _spread(shown.sample, SHOWN)
    table = Table(
        name="paper_table_5",
        title="Table 5 of the paper: utterances with predictions and generated labels",
        columns=(
            Column("id", "utterance", is_text=True),
            *((Column("text", "text", is_text=True),) if with_text else ()),
            Column("human_label", "human label"),
            *(Column(f"prediction_{task}", task, group="prediction") for task in _TASKS),
            *(Column(f"label_{task}", task, group="generated label") for task in UNIMODAL_TASKS),
        ),
        rows=() if shown is None else tuple(_row(shown, row, with_text) for row in rows),
        notes=tuple(_notes(shown, rows, with_text, runs_folder(results))),
        folds=True,
        is_whole=True,
    )
    return (table,)


def _shown(results: Sequence[Results]) -> _Shown | None:
    """Return the trial to show; None where none has generated labels beside predictions."""
    for run in sorted(results, key=_ended_at, reverse=True):
        candidates = [(what, trial) for what, trial in _candidates(run) if _generates(trial)]
        samples = _samples(run, {trial.key for _, trial in candidates})
        for what, trial in candidates:
            labels = _labels(run, trial) if trial.key in samples else {}
            if labels:
                return _Shown(
                    results=run,
                    what=what,
                    trial=trial,
                    sample=samples[trial.key],
                    labels=labels,
                    utterances=_utterances(run, trial, [row["id"] for row in samples[trial.key]]),
                )
    return None


def _ended_at(run: Results) -> datetime:
    never = datetime.min.replace(tzinfo=UTC)
    return max((trial.ended_at for trial in run.trials.values()), default=never)


def _candidates(run: Results) -> Iterator[tuple[str, Trial]]:
    confirmation = confirmation_of(run)
    if confirmation.chosen is not None:
        configuration = confirmation.configurations[confirmation.chosen]
        what = f"confirmed configuration {confirmation.label(confirmation.chosen)}"
        yield from ((what, trial) for _, trial in sorted(configuration.finished.items()))
    cells = [cell for cells in ablation_cells(run).values() for cell in cells]
    for cell in sorted(cells, key=lambda cell: cell.cell != "SUGRM"):
        what = f"cell {cell.cell} of {cell.group}"
        yield from ((what, trial) for _, trial in sorted(cell.finished.items()))


def _generates(trial: Trial) -> bool:
    labels = (json.loads(trial.config).get("objective") or {}).get("labels") or {}
    return str(labels.get("name", "none")) != "none"


def _samples(run: Results, keys: set[str]) -> dict[str, list[Row]]:
    """Return the predictions for training utterances by trial, in the order of their label."""
    if not keys:
        return {}
    found = run.predictions(keys)
    rows = found.filter(pc.equal(found["split"], pa.scalar(TRAIN))).to_pylist()
    samples: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["label"], row["id"])):
        samples.setdefault(row["key"], []).append(row)
    return samples


def _labels(run: Results, trial: Trial) -> dict[str, Sequence[float]]:
    rows = run.labels({trial.key}).to_pylist()
    best = trial.record["best_epoch"]
    return {row["task"]: row["labels"] for row in rows if row["epoch"] == best}


def _utterances(run: Results, trial: Trial, ids: Sequence[str]) -> dict[str, Row]:
    """Return the training utterances of that name; none for a name that stands twice."""
    rows = run.utterances()
    corpus = {name: trial.record[name] for name in ("data_fingerprint", "alignment")}
    for name, value in {**corpus, "split": TRAIN}.items():
        rows = rows.filter(pc.equal(rows[name], pa.scalar(value, pa.string())))
    found = rows.filter(pc.is_in(rows["id"], value_set=pa.array(ids, pa.string()))).to_pylist()
    counts = Counter(row["id"] for row in found)
    return {row["id"]: row for row in found if counts[row["id"]] == 1}


def _spread(rows: Sequence[Row], count: int) -> tuple[Row, ...]:
    """Return at most ``count`` rows that lie evenly among all, both ends among them."""
    if len(rows) <= count:
        return tuple(rows)
    return tuple(rows[round(place * (len(rows) - 1) / (count - 1))] for place in range(count))


def _row(shown: _Shown, row: Row, with_text: bool) -> tuple[Cell, ...]:
    utterance = shown.utterances.get(row["id"], {})
    text = utterance.get("text")
    return (
        Text(row["id"]),
        *((Text(text) if text else Missing("no text recorded"),) if with_text else ()),
        _score(row["label"]),
        *(_score(row[f"prediction_{task}"]) for task in _TASKS),
        *(_label(shown.labels.get(task), utterance.get("position")) for task in UNIMODAL_TASKS),
    )


def _label(labels: Sequence[float] | None, position: int | None) -> Cell:
    if labels is None:
        return Missing()
    return Missing("not recorded") if position is None else _score(labels[position])


def _score(value: float | None) -> Cell:
    return Missing() if value is None else Number(value, Style.SCORE)


def _notes(
    shown: _Shown | None, rows: Sequence[Row], with_text: bool, folder: str
) -> Iterator[Note]:
    yield Note(
        "The paper's Table 5 shows single utterances with their predictions and generated labels. "
        "These are not its utterances, and no value is published for them."
    )
    if shown is None:
        yield Note(
            "Nothing is shown: no finished trial has generated labels and predictions for training "
            "utterances; ledgers of older versions lack the latter. Make some with:",
            packaged_command("5", "mosi", folder),
        )
        return
    experiment, record = shown.results.experiment, shown.trial.record
    yield Note(
        f"Run {experiment.name} on {record['alignment']} data of {experiment.dataset}: "
        f"{shown.what}, seed {shown.trial.seed}, at its best epoch on validation "
        f"({record['best_epoch']}). One seed: no mean, no interval."
    )
    yield Note(
        "Generated labels exist for the training split alone, so these are utterances that the "
        f"model was trained on: {len(rows)} of the {len(shown.sample)} whose predictions are kept, "
        "chosen by their place in the order of the human label, evenly and with both ends. No "
        "prediction and no generated label was looked at for it."
    )
    yield Note("M: multimodal; T: text; A: audio; V: vision. -: the model has no such task.")
    if not with_text:
        yield Note("Texts are left out.")
