"""The objective by epoch, as lines of a figure."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reports.content.figure import Axis, Panel
from reports.content.mark import Line, Look, Mark, Points
from reports.figures.limits import limits
from reports.figures.thinning import POINTS
from reports.figures.trial_labels import numbered, objective_title
from reports.ledger.curves import read_curves
from reports.ledger.reading.load import Results
from reports.ledger.trials import Trial
from reports.results.search_entries import Entry

Curve = tuple[list[float], list[float]]
"""Epochs and the values there; NaN where a value is not defined."""
CurvePanel = tuple[Panel, tuple[str, ...]]
"""A panel, and the notes on values outside the limits of its axis."""


def curves_of(results: Results, trials: Iterable[Trial]) -> dict[str, Curve]:
    """Return the objective by epoch, by key; trials without an epoch are absent."""
    keys = {trial.key for trial in trials}
    if not keys:
        return {}
    curves = read_curves(results.epochs(keys), f"valid_{results.experiment.metric}")
    return {
        key: ([float(epoch) for epoch in values], list(values.values()))
        for key, values in curves.items()
    }


def curve_line(
    curves: Mapping[str, Curve], trial: Trial, *, series: str = "", look: Look = Look.NORMAL
) -> Line:
    """Return the curve of ``trial``; a named series has a hover text at each point."""
    epochs, values = curves.get(trial.key, ([], []))
    hover = [
        f"{series}, seed {trial.seed}, epoch {epoch:.0f}: {value:.4g}"
        for epoch, value in zip(epochs, values, strict=True)
    ]
    return Line(x=epochs, y=values, series=series, look=look, hover=hover if series else ())


def without_excess_hover(lines: Sequence[Line]) -> list[Line]:
    """Return ``lines``, without hover texts if they are too many for a page."""
    if sum(len(line.hover) for line in lines) <= POINTS:
        return list(lines)
    return [replace(line, hover=()) for line in lines]


def finite_values(curves: Mapping[str, Curve], trials: Iterable[Trial]) -> list[float]:
    """Return the values of all epochs of ``trials`` that are numbers."""
    found = (curves.get(trial.key, ([], []))[1] for trial in trials)
    return [value for values in found for value in values if math.isfinite(value)]


def curve_panel(
    results: Results, title: str, *, marks: Iterable[Mark], values: Sequence[float], what: str
) -> CurvePanel | None:
    """Return a panel of curves; None without a finite value.

    Args:
        results: the run.
        title: title of the panel.
        marks: its curves and other marks.
        values: the finite values of the curves, from which the limits of the axis follow.
        what: what the note calls values outside these limits.
    """
    if not values:
        return None
    ends = limits(values, results.experiment.mode)
    panel = Panel(
        title=title,
        x=Axis(title="epoch"),
        y=Axis(title=objective_title(results), low=ends.low, high=ends.high),
        marks=tuple(marks),
    )
    return panel, tuple(ends.note(what))


def last_points(
    curves: Mapping[str, Curve], entries: Sequence[Entry], *, status: str, kind: Points
) -> list[Points]:
    """Return the last points of trials that ended with ``status``, as one mark like ``kind``."""
    x, y, hover = [], [], []
    for entry in entries:
        epochs, values = curves.get(entry.trial.key, ([], []))
        known = [place for place, value in enumerate(values) if math.isfinite(value)]
        if entry.trial.status != status or not known:
            continue
        x.append(epochs[known[-1]])
        y.append(values[known[-1]])
        why = " ".join(filter(None, (status, entry.trial.failure)))
        hover.append(f"{numbered(entry)}, {why} after epoch {epochs[-1]:.0f}: {y[-1]:.4g}")
    return [replace(kind, x=x, y=y, hover=hover)] if x else []


def rungs(results: Results, entries: Sequence[Entry]) -> list[int]:
    """Return the epochs at which successive halving judges trials, except the last epoch.

    They are min_epochs * reduction^k (Li et al., MLSys 2020); those of Hyperband's later brackets
    are among them.
    """
    scheduler = (results.experiment.space.get("search") or {}).get("scheduler") or {}
    if scheduler.get("name") not in ("asha", "hyperband") or not entries:
        return []
    config = json.loads(entries[0].trial.config)
    most = int((config.get("training") or {}).get("max_epochs") or 0)
    reduction = max(2, int(scheduler.get("reduction") or 3))
    found, rung = [], int(scheduler.get("min_epochs") or 3)
    while rung < most:
        found.append(rung)
        rung *= reduction
    return found
