"""The trial of Table 5, with its predictions and generated labels for training utterances."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger.reading.load import Results
from reports.ledger.schema import TRAIN
from reports.ledger.trials import Trial
from reports.published.streams import left_out_streams
from reports.published.utterances import plain_name, published_utterances
from reports.results.confirmation import confirmation_of
from reports.results.corpora import data_of, training_utterances
from reports.results.seed_groups import ablation_cells

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A trial that generates labels, at its best epoch.

    Attributes:
        results: its run.
        what: name of its confirmed configuration or cell.
        trial: the trial.
        sample: its predictions for training utterances, in the order of the human label.
        labels: generated labels of the whole training split, by task letter.
        utterances: training utterances in the ledger, by id.
    """

    results: Results
    what: str
    trial: Trial
    sample: Sequence[Row]
    labels: Mapping[str, Sequence[float]]
    utterances: Mapping[str, Row]

    def published(self) -> Iterator[tuple[Row, Mapping[str, float]]]:
        """Yield the paper's utterances, in its order, with the values that the paper prints.

        There are none if the data are not the paper's. If the trial kept no prediction for one, as
        in a ledger of an older version, only its id and human label are known.
        """
        if not data_of(self.results, self.trial).is_published:
            return
        predicted = {plain_name(row["id"]): row for row in self.sample}
        listed = {plain_name(name): row for name, row in self.utterances.items()}
        dataset = self.results.experiment.dataset
        for name, values in published_utterances(dataset).items():
            row = predicted.get(name) or listed.get(name)
            if row is not None:
                yield row, values


def labelled_trial(runs: Sequence[Results]) -> Labelled | None:
    """Return the trial of the newest run that has one; None if no trial has labels.

    A trial that leaves a stream out is not the paper's system and is not taken.

    It is the chosen confirmed configuration if it generates labels, else the cell named SUGRM,
    else the first cell that does, each by its smallest seed.
    """
    for run in sorted(runs, key=_ended_at, reverse=True):
        candidates = [
            (what, trial)
            for what, trial in _candidates(run)
            if _generates(trial) and not left_out_streams(trial.config)
        ]
        samples = _samples(run, {trial.key for _, trial in candidates})
        for what, trial in candidates:
            labels = _labels(run, trial) if trial.key in samples else {}
            if labels:
                return Labelled(
                    results=run,
                    what=what,
                    trial=trial,
                    sample=samples[trial.key],
                    labels=labels,
                    utterances=_utterances(run, trial),
                )
    return None


def _ended_at(run: Results) -> datetime:
    never = datetime.min.replace(tzinfo=UTC)
    return max((trial.ended_at for trial in run.trials.values()), default=never)


def _candidates(run: Results) -> Iterator[tuple[str, Trial]]:
    confirmation = confirmation_of(run)
    if confirmation.best is not None:
        what = confirmation.best_title
        yield from ((what, trial) for trial in confirmation.best.trials)
    cells = [cell for cells in ablation_cells(run).values() for cell in cells]
    for cell in sorted(cells, key=lambda cell: cell.cell != "SUGRM"):
        what = f"cell {cell.cell} of {cell.group}"
        yield from ((what, trial) for trial in cell.trials)


def _generates(trial: Trial) -> bool:
    labels = (json.loads(trial.config).get("objective") or {}).get("labels") or {}
    return str(labels.get("name", "none")) != "none"


def _samples(run: Results, keys: set[str]) -> dict[str, list[Row]]:
    """Return the predictions for training utterances by trial, in the order of the label."""
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
    best = trial.best_epoch
    return {row["task"]: row["labels"] for row in rows if row["epoch"] == best}


def _utterances(run: Results, trial: Trial) -> dict[str, Row]:
    """Return the training utterances by name, without names that occur twice."""
    found = training_utterances(run, trial).to_pylist()
    counts = Counter(row["id"] for row in found)
    return {row["id"]: row for row in found if counts[row["id"]] == 1}
