"""The confusion matrices of the sentiment classes."""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Tiles
from reports.ledger.reading.load import Results
from reports.results.best_system import ChosenSystem, chosen_system
from reports.results.dataset import dataset_of
from reports.results.ensembles import Numbers
from reports.statistics import SIMS_BORDERS, Kind, interval_classes
from reports.tables.metrics import METRICS

Classes = NDArray[np.intp]
_SEVEN = ("-3", "-2", "-1", "0", "+1", "+2", "+3")
_SIMS_NAMES = {
    "acc5_sims": ("≤ -0.7", "≤ -0.1", "≤ 0.1", "≤ 0.7", "> 0.7"),
    "acc3_sims": ("≤ -0.1", "≤ 0.1", "> 0.1"),
}


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix: utterances by label and predicted class.

    Attributes:
        title: title of the accuracy that has these classes.
        counts: [label, prediction] number of utterances.
        labelled: names of the classes of labels.
        predicted: names of the classes of predictions.
    """

    title: str
    counts: Classes
    _: KW_ONLY
    labelled: Sequence[str]
    predicted: Sequence[str]

    @property
    def right(self) -> int:
        """Return the number of correct utterances."""
        return int(np.trace(self.counts))

    @property
    def total(self) -> int:
        """Return the number of utterances."""
        return int(self.counts.sum())


def confusion(results: Results) -> tuple[Figure, ...]:
    """Return the matrices of the classes that the dataset's accuracies count.

    They are those of Acc-7 and both kinds of Acc-2, or of Acc-5, Acc-3 and Acc-2 on CH-SIMS; none
    without predictions or without classes.
    """
    system, kind = chosen_system(results), dataset_of(results).kind
    if system is None or kind == "regression":
        return ()
    shown = list(confusions(system, kind))
    explained = _SIMS_CLASSES if kind == "sims" else _classes(int((system.labels == 0).sum()))
    figure = Figure(
        name="confusion",
        title="Confusion matrices on test",
        summary=" ".join(map(_sentence, shown)),
        panels=tuple(map(_panel, shown)),
        columns=len(shown),
        notes=(system.note, explained, *_averaged(system)),
    )
    return (figure,)


def confusions(system: ChosenSystem, kind: Kind = "mosi") -> Iterator[Confusion]:
    """Yield the classes of each accuracy of this kind of metrics, ``mosi`` or ``sims``.

    A matrix without an utterance, because every label is 0, is left out.
    """
    yield from _sims(system) if kind == "sims" else _mosi(system)


def _sims(system: ChosenSystem) -> Iterator[Confusion]:
    """Yield the classes of Acc-5, Acc-3 and Acc-2 of CH-SIMS."""
    for metric, names in _SIMS_NAMES.items():
        true, predicted = (
            interval_classes(values, SIMS_BORDERS[metric])
            for values in (system.labels, system.predictions)
        )
        counts = _counts(true, predicted, classes=len(names))
        yield Confusion(METRICS[metric].title, counts, labelled=names, predicted=names)
    counts = _counts(system.labels > 0, system.predictions > 0, classes=2)
    signs = ("≤ 0", "> 0")
    yield Confusion("Acc-2", counts, labelled=signs, predicted=signs)


def _mosi(system: ChosenSystem) -> Iterator[Confusion]:
    """Yield the classes of Acc-7, Acc-2 negative / positive and negative / non-negative."""
    labels, predictions = system.labels, system.predictions
    signed = labels != 0
    counts = _counts(_seven(labels), _seven(predictions), classes=7)
    yield Confusion("Acc-7", counts, labelled=_SEVEN, predicted=_SEVEN)
    if signed.any():
        yield Confusion(
            "Acc-2 negative / positive",
            _counts(labels[signed] > 0, predictions[signed] > 0, classes=2),
            labelled=("< 0", "> 0"),
            predicted=("≤ 0", "> 0"),
        )
    counts = _counts(labels >= 0, predictions >= 0, classes=2)
    signs = ("< 0", "≥ 0")
    yield Confusion("Acc-2 negative / non-negative", counts, labelled=signs, predicted=signs)


def _counts(
    labels: NDArray[np.generic], predictions: NDArray[np.generic], *, classes: int
) -> Classes:
    counts = np.zeros((classes, classes), dtype=np.intp)
    np.add.at(counts, (labels.astype(np.intp), predictions.astype(np.intp)), 1)
    return counts


def _seven(values: Numbers) -> Classes:
    return np.round(np.clip(values, -3, 3)).astype(np.intp) + 3


def _panel(matrix: Confusion) -> Panel:
    return Panel(
        title=matrix.title,
        x=Axis(
            title=f"predicted: {_percent(matrix.right, matrix.total)} right",
            categories=matrix.predicted,
        ),
        y=Axis(title="label", categories=matrix.labelled, reverse=True),
        marks=(_tiles(matrix),),
    )


def _tiles(matrix: Confusion) -> Tiles:
    """Return the matrix, coloured by the shares of each row."""
    totals = matrix.counts.sum(axis=1, keepdims=True)
    # A class without an utterance has no shares.
    shares = np.where(totals > 0, matrix.counts / np.maximum(totals, 1), np.nan)
    places = [
        [(row, column) for column in range(len(matrix.predicted))]
        for row in range(len(matrix.labelled))
    ]
    return Tiles(
        values=shares.tolist(),
        texts=[[_text(matrix, place) for place in row] for row in places],
        hover=[[_hover(matrix, place) for place in row] for row in places],
    )


def _text(matrix: Confusion, place: tuple[int, int]) -> str:
    row, column = place
    count, total = int(matrix.counts[row, column]), int(matrix.counts[row].sum())
    if len(matrix.labelled) > 2 or not total:  # a small tile has room for the count alone
        return str(count)
    return f"{count} ({_percent(count, total)})"


def _hover(matrix: Confusion, place: tuple[int, int]) -> str:
    row, column = place
    count, total = int(matrix.counts[row, column]), int(matrix.counts[row].sum())
    label, predicted = matrix.labelled[row], matrix.predicted[column]
    if not total:
        return f"no utterance is labelled {label}"
    return f"labelled {label}, predicted {predicted}: {count} of {total} ({_percent(count, total)})"


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %"


def _sentence(matrix: Confusion) -> str:
    """Return a sentence on how many are right, and on the most frequent mistake."""
    right = f"{matrix.right} of {matrix.total} right ({_percent(matrix.right, matrix.total)})"
    wrong = matrix.counts - np.diag(np.diag(matrix.counts))
    if not wrong.any():
        return f"{matrix.title}: {right}."
    label, predicted = divmod(int(wrong.argmax()), len(matrix.labelled))
    return (
        f"{matrix.title}: {right}; most frequent error: label {matrix.labelled[label]} predicted "
        f"as {matrix.predicted[predicted]} ({int(wrong.max())})."
    )


def _classes(zeros: int) -> str:
    """Return what the matrices show; ``zeros`` is the number of utterances labelled 0."""
    return (
        "Rows: class of the label; columns: predicted class. Colour: share of the row; "
        "numbers: utterances. Acc-7: values are clipped to -3 and 3 and rounded half to even. "
        f"Acc-2 negative / positive leaves out the {zeros} utterances labelled 0."
    )


_SIMS_CLASSES = (
    "Rows: class of the label; columns: predicted class, each named by its upper border, which "
    "belongs to it. Colour: share of the row; numbers: utterances."
)


def _averaged(system: ChosenSystem) -> tuple[str, ...]:
    if len(system.seeds) == 1:
        return ()
    return (
        "These accuracies are of averaged predictions; tables show the mean of the accuracies of "
        "single seeds.",
    )
