"""Generated labels against the true sentiment of each modality, which a synthetic corpus knows.

A generator starts from the human label: it has found something where its labels correlate with
the truth of their modality more than the human label does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.load import Results
from reports.schema import UNIMODAL_TASKS
from reports.select import Repeated, ablation_cells, confirmation_of
from reports.statistics import Summary, summarise
from reports.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.tables.metrics import spread

_MODALITIES = {"T": "text", "A": "audio", "V": "vision"}
_CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """The labels of one modality after one epoch of one seed; ``is_best`` on validation."""

    group: str
    cell: str
    task: str
    seed: int
    epoch: int
    is_best: bool
    generated: float
    human: float


def label_truth(results: Results) -> tuple[Table, ...]:
    """Return the table and, as data alone, every epoch; none where no truth is recorded."""
    points = list(_points(results))
    return (_overview(points), _every_epoch(points)) if points else ()


def _points(results: Results) -> Iterator[_Point]:
    """Yield what is recorded of the finished trials: cells first, then configurations."""
    settings = list(_settings(results))
    epochs = _epochs(results, [setting for _, _, setting in settings])
    for group, cell, setting in settings:
        for task in UNIMODAL_TASKS:
            for seed, trial in sorted(setting.finished.items()):
                for row in epochs.get(trial.key, ()):
                    if row[f"label_truth_{task}"] is not None:
                        yield _Point(
                            group=group,
                            cell=cell,
                            task=task,
                            seed=seed,
                            epoch=row["epoch"],
                            is_best=row["epoch"] == trial.record["best_epoch"],
                            generated=row[f"label_truth_{task}"],
                            human=row[f"human_truth_{task}"],
                        )


def _settings(results: Results) -> Iterator[tuple[str, str, Repeated]]:
    for group, cells in ablation_cells(results).items():
        yield from ((group, cell.cell, cell) for cell in cells)
    confirmation = confirmation_of(results)
    for place, configuration in enumerate(confirmation.configurations):
        yield _CONFIRMED, confirmation.label(place), configuration


def _epochs(results: Results, settings: Sequence[Repeated]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the epochs that know a truth, in order, by the key of their trial."""
    keys = sorted({trial.key for setting in settings for trial in setting.finished.values()})
    if not keys:
        return {}
    rows = results.epochs()
    known = reduce(pc.or_, (pc.is_valid(rows[f"label_truth_{task}"]) for task in UNIMODAL_TASKS))
    wanted = pc.is_in(rows["key"], value_set=pa.array(keys))
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.filter(pc.and_(known, wanted)).sort_by("epoch").to_pylist():
        found.setdefault(row["key"], []).append(row)
    return found


def _overview(points: Sequence[_Point]) -> Table:
    several = len({point.group for point in points}) > 1
    return Table(
        name="label_truth",
        title="Generated labels against the truth",
        columns=(
            Column("cell", "cell", is_text=True),
            Column("modality", "labels", is_text=True),
            Column("seeds", "seeds"),
            Column("human", "human"),
            Column("first", "first"),
            Column("best", "best"),
            Column("last", "last"),
            Column("best_difference", "best - human"),
            Column("last_difference", "last - human"),
        ),
        rows=tuple(
            (
                Text(f"{group}: {cell}" if several else cell),
                Text(_MODALITIES[task]),
                *_row(list(members)),
            )
            for (group, cell, task), members in groupby(
                points, key=lambda point: (point.group, point.cell, point.task)
            )
        ),
        notes=(
            Note(
                "Pearson's correlation of the labels of the training split with their modality's "
                "true sentiment, over the utterances that have its stream; means over seeds. "
                "Human: the human label. First, best, last: the generated labels after the first "
                "epoch, the best on validation and the last."
            ),
            Note(
                "Differences: mean ± standard deviation (n - 1) over seeds; where they are "
                "positive, generated labels are nearer to the truth than the human label is."
            ),
            Note("Settings that generate no labels are left out. Every epoch is in the CSV files."),
        ),
        folds=True,
    )


def _row(points: Sequence[_Point]) -> Iterator[Cell]:
    """Yield the cells of one modality of one setting."""
    by_seed = [list(members) for _, members in groupby(points, key=lambda point: point.seed)]
    best = [point for point in points if point.is_best]
    last = [members[-1] for members in by_seed]
    first = [members[0] for members in by_seed if members[0].epoch == 1]
    yield Number(len(by_seed), Style.INTEGER)
    yield _mean(last, lambda point: point.human)
    for chosen in (first, best, last):
        yield _mean(chosen, lambda point: point.generated)
    for chosen in (best, last):
        differences = _over(chosen, lambda point: point.generated - point.human)
        yield spread(differences, Style.SCORE, signed=True)


def _mean(points: Sequence[_Point], value: Callable[[_Point], float]) -> Cell:
    summary = _over(points, value)
    return Missing() if summary is None else Number(summary.mean, Style.SCORE)


def _over(points: Sequence[_Point], value: Callable[[_Point], float]) -> Summary | None:
    return summarise([value(point) for point in points])


def _every_epoch(points: Sequence[_Point]) -> Table:
    return Table(
        name="label_truth_epochs",
        title="Generated labels against the truth, every epoch",
        columns=(
            Column("ablation", "ablation", is_text=True),
            Column("cell", "cell", is_text=True),
            Column("modality", "labels", is_text=True),
            Column("seed", "seed"),
            Column("epoch", "epoch"),
            Column("generated", "generated"),
            Column("human", "human"),
        ),
        rows=tuple(
            (
                Text(point.group),
                Text(point.cell),
                Text(_MODALITIES[point.task]),
                Number(point.seed, Style.INTEGER),
                Number(point.epoch, Style.INTEGER),
                Number(point.generated, Style.SCORE),
                Number(point.human, Style.SCORE),
            )
            for point in points
        ),
        is_data=True,
    )
