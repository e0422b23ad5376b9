"""Residuals and calibration of the predictions."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Band, Intervals, Line, Look, Points, Rule
from reports.figures.thinning import POINTS, thinned
from reports.ledger.reading.load import Results
from reports.results.best_system import ChosenSystem, chosen_system
from reports.results.dataset import Dataset, dataset_of
from reports.results.ensembles import Numbers
from reports.statistics import SIMS_BORDERS, Kind, Summary, interval_classes, summarise

_FEWEST = 5  # utterances: quartiles of fewer are meaningless
_BINS = 10
_IN_A_BIN = 10
_SAME: Mapping[Kind, str] = {
    "mosi": "rounds to the same integer (clipped to -3 and 3, half to even)",
    "sims": "is in the same class of Acc-5",
    "regression": "rounds to the same third of the greatest label",
}


def residuals(results: Results) -> tuple[Figure, ...]:
    """Return residuals and calibration on test; none if no predictions are recorded."""
    system, dataset = chosen_system(results), dataset_of(results)
    if system is None:
        return ()
    figure = Figure(
        name="residuals",
        title="Residuals and calibration on test",
        summary=_summary(system, dataset),
        panels=(_residuals(system, dataset), _calibration(system)),
        columns=2,
        notes=tuple(_notes(system, dataset)),
    )
    return (figure,)


def _notes(system: ChosenSystem, dataset: Dataset) -> Iterator[str]:
    yield system.note
    yield (
        "Left: residual = predicted - label. Line: median; band: quartiles; both of utterances "
        f"whose label {_SAME[dataset.kind]}, drawn "
        f"at their mean label, for {_FEWEST} utterances or more. The residual falls with the "
        "label if predictions vary less than labels."
    )
    yield (
        f"Right: mean label against mean prediction in {len(prediction_bins(system))} bins of "
        "equal count, sorted by prediction; bars: 95 % t interval of a bin's mean label, from "
        "its standard error. Points on the diagonal are perfectly calibrated."
    )
    if dataset.kind == "sims":
        yield "Nothing is clipped here; MAE and Corr in tables clip predictions to [-1, 1]."
    if len(system.ids) > POINTS:
        yield (
            f"{POINTS} of {len(system.ids)} utterances are drawn, evenly spaced by their id; "
            "lines, bands and bins use all of them."
        )


def _residuals(system: ChosenSystem, dataset: Dataset) -> Panel:
    return Panel(
        title="Residuals",
        x=_label_axis(dataset),
        y=Axis(title="predicted - label"),
        marks=(Rule(y=0.0), _utterances(system), *_quartiles(system, dataset)),
    )


def _label_axis(dataset: Dataset) -> Axis:
    """Return the axis of the labels, over their whole range where it is not that of MOSI."""
    if dataset.kind == "mosi" or dataset.label_bound is None:
        return Axis(title="label")
    end = 1.05 * dataset.label_bound
    return Axis(title="label", low=-end, high=end)


def _utterances(system: ChosenSystem) -> Points:
    """Return the residual of each utterance, thinned out if they are many."""
    shown = thinned(len(system.ids))
    return Points(
        x=system.labels[shown].tolist(),
        y=(system.predictions - system.labels)[shown].tolist(),
        series="utterance",
        look=Look.FAINT,
        hover=[_hover(system, place) for place in shown],
    )


def _quartiles(system: ChosenSystem, dataset: Dataset) -> tuple[Band, Line]:
    """Return the quartiles and the median of the residuals by label."""
    labels, residual = system.labels, system.predictions - system.labels
    bins = _label_bins(labels, dataset)
    groups = [labels[members] for members in bins]
    spreads = [np.quantile(residual[members], [0.25, 0.5, 0.75]) for members in bins]
    centres = [float(group.mean()) for group in groups]
    low, median, high = ([float(spread[place]) for spread in spreads] for place in range(3))
    hover = [
        f"labels about {centre:+.2f}: median residual {spread[1]:+.3f}, quartiles "
        f"{spread[0]:+.3f} to {spread[2]:+.3f}, {len(group)} utterances"
        for centre, spread, group in zip(centres, spreads, groups, strict=True)
    ]
    return (
        Band(x=centres, low=low, high=high, series="quartiles", look=Look.FAINT),
        Line(x=centres, y=median, series="median", look=Look.STRONG, markers=True, hover=hover),
    )


def _calibration(system: ChosenSystem) -> Panel:
    bars = _mean_labels(system)
    ends = [*bars.x, *bars.y, *bars.low, *bars.high]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    room = 0.05 * (high - low) or 0.5
    return Panel(
        title="Calibration",
        x=Axis(title="mean prediction", low=low - room, high=high + room),
        y=Axis(title="mean label", low=low - room, high=high + room),
        marks=(Rule(diagonal=True), bars),
    )


def _mean_labels(system: ChosenSystem) -> Intervals:
    """Return the mean label of each bin at its mean prediction."""
    bins = prediction_bins(system)
    predicted = [float(system.predictions[members].mean()) for members in bins]
    found = (summarise(system.labels[members].tolist()) for members in bins)
    means = [mean for mean in found if mean is not None]  # no bin is empty
    return Intervals(
        x=predicted,
        y=[mean.mean for mean in means],
        low=[np.nan if mean.low is None else mean.low for mean in means],
        high=[np.nan if mean.high is None else mean.high for mean in means],
        series="mean label of a bin, 95 % interval",
        hover=[
            f"{len(members)} utterances predicted at {value:+.2f}: mean label "
            f"{mean.mean:+.2f}{_interval(mean)}"
            for members, value, mean in zip(bins, predicted, means, strict=True)
        ],
    )


def _interval(mean: Summary) -> str:
    if mean.low is None or mean.high is None:
        return ""
    return f", 95 % interval [{mean.low:+.2f}, {mean.high:+.2f}]"


def _label_bins(labels: Numbers, dataset: Dataset) -> list[NDArray[np.intp]]:
    """Return the indices of the labels of each class, without small groups."""
    classes = _label_classes(labels, dataset)
    found = [np.flatnonzero(classes == value) for value in np.unique(classes)]
    return [members for members in found if len(members) >= _FEWEST]


def _label_classes(labels: Numbers, dataset: Dataset) -> Numbers:
    """Return the class of each label, as ``_SAME`` describes it; greater labels have greater ones.

    Without classes of its own, a dataset's labels count in thirds of their bound.
    """
    if dataset.kind == "sims":
        return interval_classes(labels, SIMS_BORDERS["acc5_sims"]).astype(np.float64)
    bound = dataset.label_bound or float(np.abs(labels).max()) or 1.0
    scale = 1.0 if dataset.kind == "mosi" else 3 / bound
    return np.round(np.clip(labels * scale, -3, 3)).astype(np.float64)


def prediction_bins(system: ChosenSystem) -> list[NDArray[np.intp]]:
    """Return the indices of the utterances in bins of equal count or one less, by prediction.

    There are ten bins, or fewer if a bin would have less than ten utterances.
    """
    order = np.argsort(system.predictions, kind="stable")
    return np.array_split(order, max(1, min(_BINS, len(order) // _IN_A_BIN)))


def _hover(system: ChosenSystem, place: int) -> str:
    label, predicted = system.labels[place], system.predictions[place]
    return (
        f"{system.ids[place]}: label {label:+.2f}, predicted {predicted:+.2f}, "
        f"residual {predicted - label:+.2f}"
    )


def _summary(system: ChosenSystem, dataset: Dataset) -> str:
    residual = system.predictions - system.labels
    text = (
        f"Over {len(system.ids)} test utterances the mean residual is {residual.mean():+.3f} and "
        f"the mean absolute residual {np.abs(residual).mean():.3f}"
    )
    bins = _label_bins(system.labels, dataset)
    if len(bins) > 1:
        first, last = bins[0], bins[-1]
        text += (
            f"; the median goes from {np.median(residual[first]):+.2f} where labels are about "
            f"{system.labels[first].mean():+.1f} to {np.median(residual[last]):+.2f} where they "
            f"are about {system.labels[last].mean():+.1f}"
        )
    return f"{text}. {_slope(system)}"


def _slope(system: ChosenSystem) -> str:
    if np.ptp(system.predictions) == 0:
        return "Every prediction is the same."
    slope = np.polyfit(system.predictions, system.labels, 1)[0]
    return (
        f"The least-squares slope of labels on predictions is {slope:.2f}; 1 means calibrated, a "
        "smaller slope means that predictions are too extreme."
    )
