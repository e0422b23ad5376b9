"""Generated labels against the true sentiment of each modality.

The truth is what a synthetic corpus was made from, or the human label of each modality alone.

A generator starts from the human label. It has learned something if its labels correlate with the
truth of their modality more than the human label does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.results.dataset import dataset_of
from reports.results.labels.points import MODALITIES, LabelPoint, label_points, truth_of
from reports.statistics import Summary, summarise
from reports.tables.metrics import spread

EXPLAINED = "Generated labels against the truth"
"""The section of docs/results.md on what was found about the labels."""

_HUMAN = "Human: the human label"
_NOTES = (
    Note(
        "Differences: mean ± standard deviation (n - 1) over seeds. Where they are positive, "
        "generated labels are nearer to the truth than the human label of the whole utterance."
    ),
    Note("Settings that generate no labels are left out. Every epoch is in the CSV files."),
)
_WHY = Note(
    "Negative: the labels oppose the truth. SUGRM's rule moves a label by the distances of the "
    "modality's feature to the centres of positive and negative utterances, but these are centres "
    "of the fusion's features, which lie in another space. Measured in "
    f'docs/results.md, section "{EXPLAINED}".'
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
    return (_overview(results, points), _every_epoch(points)) if points else ()


def _overview(results: Results, points: Sequence[LabelPoint]) -> Table:
    by_humans = dataset_of(results).has_unimodal_labels
    several = len({point.group for point in points}) > 1
    by_modality = groupby(points, key=lambda point: (point.group, point.cell, point.task))
    return Table(
        name="label_truth",
        title="Generated labels against the truth",
        columns=tuple(_columns(by_humans)),
        rows=tuple(
            (
                Text(f"{group}: {cell}" if several else cell),
                Text(MODALITIES[task]),
                *_row(list(members)),
            )
            for (group, cell, task), members in by_modality
        ),
        notes=(_method(results), *_NOTES, *(() if by_humans else (_WHY,))),
        folds=True,
    )


def _columns(by_humans: bool) -> Iterator[Column]:
    """Yield the columns; the label of the whole utterance is not the only human one there."""
    for column in _OVERVIEW:
        title = column.title.replace("human", "multimodal") if by_humans else column.title
        yield replace(column, title=title)


def _method(results: Results) -> Note:
    by_humans = dataset_of(results).has_unimodal_labels
    label = "Multimodal: the human label of the whole utterance" if by_humans else _HUMAN
    return Note(
        f"Pearson's correlation of the labels of the training split with {truth_of(results)}, over "
        f"the utterances that have this modality; means over seeds. {label}. First, best, last: "
        "the generated labels after the first epoch, the epoch that is best on validation, and "
        "the last epoch."
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
