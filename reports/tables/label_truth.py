"""Generated labels against the true sentiment of each modality, known for a synthetic corpus.

A generator starts from the human label. It has learned something if its labels correlate with the
truth of their modality more than the human label does.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.results.label_points import MODALITIES, LabelPoint, label_points
from reports.statistics import Summary, summarise
from reports.tables.metrics import spread

EXPLAINED = "Generated labels against the truth"
"""The section of docs/results.md on what was found about the labels."""

_NOTES = (
    Note(
        "Pearson's correlation of the labels of the training split with their modality's true "
        "sentiment, over the utterances that have this modality; means over seeds. Human: the "
        "human label. First, best, last: the generated labels after the first epoch, the epoch "
        "that is best on validation, and the last epoch."
    ),
    Note(
        "Differences: mean ± standard deviation (n - 1) over seeds. Where they are positive, "
        "generated labels are nearer to the truth than the human label."
    ),
    Note("Settings that generate no labels are left out. Every epoch is in the CSV files."),
    Note(
        "Why generated labels can come to oppose the truth: docs/results.md, section "
        f'"{EXPLAINED}".'
    ),
)
_OVERVIEW = (
    Column("cell", "cell", is_text=True),
    Column("modality", "labels", is_text=True),
    Column("seeds", "seeds"),
    Column("human", "human"),
    Column("first", "first"),
    Column("best", "best"),
    Column("last", "last"),
    Column("best_difference", "best - human"),
    Column("last_difference", "last - human"),
)
_EPOCHS = (
    Column("ablation", "ablation", is_text=True),
    Column("cell", "cell", is_text=True),
    Column("modality", "labels", is_text=True),
    Column("seed", "seed"),
    Column("epoch", "epoch"),
    Column("generated", "generated"),
    Column("human", "human"),
)


def label_truth(results: Results) -> tuple[Table, ...]:
    """Return the table and, as data, every epoch; none if no truth is recorded."""
    points = list(label_points(results))
    return (_overview(points), _every_epoch(points)) if points else ()


def _overview(points: Sequence[LabelPoint]) -> Table:
    several = len({point.group for point in points}) > 1
    by_modality = groupby(points, key=lambda point: (point.group, point.cell, point.task))
    return Table(
        name="label_truth",
        title="Generated labels against the truth",
        columns=_OVERVIEW,
        rows=tuple(
            (
                Text(f"{group}: {cell}" if several else cell),
                Text(MODALITIES[task]),
                *_row(list(members)),
            )
            for (group, cell, task), members in by_modality
        ),
        notes=_NOTES,
        folds=True,
    )


def _row(points: Sequence[LabelPoint]) -> Iterator[Cell]:
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


def _mean(points: Sequence[LabelPoint], value: Callable[[LabelPoint], float]) -> Cell:
    summary = _over(points, value)
    return Missing() if summary is None else Number(summary.mean, Style.SCORE)


def _over(points: Sequence[LabelPoint], value: Callable[[LabelPoint], float]) -> Summary | None:
    return summarise([value(point) for point in points])


def _every_epoch(points: Sequence[LabelPoint]) -> Table:
    return Table(
        name="label_truth_epochs",
        title="Generated labels against the truth, every epoch",
        columns=_EPOCHS,
        rows=tuple(map(_epoch_row, points)),
        is_data=True,
    )


def _epoch_row(point: LabelPoint) -> tuple[Cell, ...]:
    return (
        Text(point.group),
        Text(point.cell),
        Text(MODALITIES[point.task]),
        Number(point.seed, Style.INTEGER),
        Number(point.epoch, Style.INTEGER),
        Number(point.generated, Style.SCORE),
        Number(point.human, Style.SCORE),
    )
