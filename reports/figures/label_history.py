"""The distribution of the generated labels by epoch and modality: the paper's Figure 4.

It also shows the human label of the same training utterances.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Band, Line, Look, Mark, Rule
from reports.ledger.reading.load import Results
from reports.results.labels.points import MODALITIES
from reports.results.labels.quantiles import LabelQuantiles, Labels, label_quantiles

_GENERATED, _HUMAN = "generated", "human label"
_HALF = 0.4  # epochs: half the width of the human label, drawn at epoch 0


def label_history(results: Results) -> tuple[Figure, ...]:
    """Return the figure; none if neither the chosen configuration nor a cell generates labels."""
    history = label_quantiles(results)
    return () if history is None else (_figure(history),)


def _figure(history: LabelQuantiles) -> Figure:
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


def _panel(history: LabelQuantiles, task: str, *, y: tuple[float, float], is_first: bool) -> Panel:
    return Panel(
        title=MODALITIES[task],
        x=Axis(title="epoch"),
        y=Axis(title="label" if is_first else "", low=y[0], high=y[1]),
        marks=tuple(_marks(history, task)),
    )


def _marks(history: LabelQuantiles, task: str) -> Iterator[Mark]:
    yield Rule(y=0.0)
    best = history.trial.best_epoch
    if best is not None:
        yield Rule(x=float(best), text="best")
    epochs = [float(epoch) for epoch in history.generated[task]]
    found = list(history.generated[task].values())
    hover = [f"epoch {at:.0f}: {_words(each)}" for at, each in zip(epochs, found, strict=True)]
    yield from _distribution(epochs, found, series=_GENERATED, hover=hover)
    if history.human is not None:
        human = [f"human label: {_words(history.human)}"] * 2
        yield from _distribution([-_HALF, _HALF], [history.human] * 2, series=_HUMAN, hover=human)


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


def _summary(history: LabelQuantiles) -> str:
    last = max(epoch for epochs in history.generated.values() for epoch in epochs)
    parts = "; ".join(
        f"{MODALITIES[task]}: {_words(list(epochs.values())[-1])}"
        for task, epochs in history.generated.items()
    )
    human = "" if history.human is None else f" Human label: {_words(history.human)}."
    return f"Generated labels after epoch {last}, {parts}.{human}"


def _notes(history: LabelQuantiles) -> Iterator[str]:
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
