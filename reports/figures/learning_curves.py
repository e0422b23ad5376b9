"""The objective by epoch: for trials of the search with their stops, and for seeds."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Line, Look, Mark, Points, Rule
from reports.figures.curves import (
    Curve,
    curve_line,
    curves_of,
    last_points,
    rungs,
    without_excess_hover,
)
from reports.figures.limits import Limits, limits
from reports.figures.thinning import thinned
from reports.figures.trial_labels import capitalised, numbered, objective_title
from reports.ledger.reading.load import Results
from reports.ledger.schema import FAILED, FINISHED, STOPPED
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.search_entries import Entry, search_entries
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of

_STRONG = 5
_FAINT = 60
_CELLS = 6


def learning_curves(results: Results) -> tuple[Figure, ...]:
    """Return a figure of the search and one of each ablation, if epochs are recorded."""
    figures = [_search(results)]
    figures += [
        _ablation(results, group, cells=cells) for group, cells in ablation_cells(results).items()
    ]
    return tuple(figure for figure in figures if figure is not None)


def _search(results: Results) -> Figure | None:
    entries = search_entries(results)
    best = _best(results, entries)
    others = entries[len(best) :]
    shown = [*best, *(others[at] for at in thinned(len(others), _FAINT))]
    confirmed = confirmation_of(results).configurations[:_STRONG]
    repeated = [trial for configuration in confirmed for trial in _seeds(configuration)]
    curves = curves_of(results, [*(entry.trial for entry in shown), *repeated])
    searched = _values(curves, (entry.trial for entry in shown))
    if not searched:
        return None
    ends = limits(searched, results.experiment.mode)
    cut = [*ends.note("epochs drawn of the search")]
    panels = [
        _panel(
            results,
            "Search",
            marks=_search_marks(results, entries, shown=shown, curves=curves),
            ends=ends,
        )
    ]
    if confirmed_values := _values(curves, repeated):
        lines = without_excess_hover(_confirmed(results, entries, curves=curves))
        confirmed_ends = limits(confirmed_values, results.experiment.mode)
        panels.append(
            _panel(results, "Confirmed: one line per seed", marks=lines, ends=confirmed_ends)
        )
        cut += confirmed_ends.note("epochs of the confirmed seeds")
    return Figure(
        name="learning_curves",
        title=f"{capitalised(objective_title(results))} by epoch",
        summary=_summary(results, entries),
        panels=tuple(panels),
        columns=len(panels),
        notes=(*_notes(results, entries, shown=shown, curves=curves), *cut),
    )


def _best(results: Results, entries: Sequence[Entry]) -> list[Entry]:
    """Return the best of the trials that have a rank and a value."""
    metric = results.experiment.metric
    return [
        entry
        for entry in entries[:_STRONG]
        if entry.rank is not None and math.isfinite(entry.trial.valid.get(metric, math.nan))
    ]


def _values(curves: Mapping[str, Curve], trials: Iterable[Trial]) -> list[float]:
    """Return the values of all epochs of ``trials`` that are numbers."""
    found = (curves.get(trial.key, ([], []))[1] for trial in trials)
    return [value for values in found for value in values if math.isfinite(value)]


def _search_marks(
    results: Results, entries: Sequence[Entry], *, shown: Sequence[Entry], curves: dict[str, Curve]
) -> list[Mark]:
    """Return the rungs, the other trials, the best trials and the ends of stopped trials."""
    best = _best(results, shown)
    return [
        *(Rule(x=epoch, text=f"rung {epoch}") for epoch in rungs(results, entries)),
        *(curve_line(curves, entry.trial, look=Look.FAINT) for entry in shown[len(best) :]),
        *without_excess_hover(
            [
                curve_line(curves, each.trial, series=numbered(each), look=Look.STRONG)
                for each in best
            ]
        ),
        *last_points(
            curves, shown, status=STOPPED, kind=Points(x=(), y=(), series="stopped", marker="cross")
        ),
        *last_points(
            curves, shown, status=FAILED, kind=Points(x=(), y=(), series="failed", marker="diamond")
        ),
    ]


def _confirmed(
    results: Results, entries: Sequence[Entry], *, curves: dict[str, Curve]
) -> list[Line]:
    """Return the seeds of the confirmed configurations, each under the name of its trial."""
    names = {entry.trial.key: numbered(entry) for entry in entries}
    confirmation = confirmation_of(results)
    return [
        curve_line(
            curves,
            trial,
            series=names.get(configuration.group, f"configuration {place + 1}"),
            look=Look.STRONG if place == confirmation.chosen else Look.NORMAL,
        )
        for place, configuration in enumerate(confirmation.configurations[:_STRONG])
        for trial in _seeds(configuration)
    ]


def _seeds(setting: SeedGroup) -> list[Trial]:
    return [trial for _, trial in sorted(setting.finished.items())]


def _ablation(results: Results, group: str, *, cells: Sequence[SeedGroup]) -> Figure | None:
    baseline = baseline_of(results, cells)
    ran = [
        cell
        for cell in (baseline, *(cell for cell in cells if cell is not baseline))
        if cell.finished
    ]
    shown = ran[:_CELLS]
    trials = [trial for cell in shown for trial in _seeds(cell)]
    curves = curves_of(results, trials)
    values = _values(curves, trials)
    if not values:
        return None
    ends = limits(values, results.experiment.mode)
    lines = [
        curve_line(
            curves, trial, series=cell.cell, look=Look.STRONG if cell is baseline else Look.NORMAL
        )
        for cell in shown
        for trial in _seeds(cell)
    ]
    objective = objective_title(results)
    return Figure(
        name=f"learning_curves_{group}",
        title=f"{capitalised(objective)} by epoch: {group}",
        summary=(
            f"{capitalised(objective)} at the best epoch, mean over seeds: "
            f"{_means(results, shown)}."
        ),
        panels=(_panel(results, "", marks=without_excess_hover(lines), ends=ends),),
        notes=(
            f"Ablation {group}: one line per finished seed, on validation. n = {len(lines)} trials "
            f"of {len(shown)} cells"
            + (f"; {len(ran) - _CELLS} more cells are left out" if len(ran) > _CELLS else "")
            + ".",
            *ends.note("epochs"),
        ),
    )


def _means(results: Results, cells: Sequence[SeedGroup]) -> str:
    metric = results.experiment.metric
    values = {cell.cell: list(cell.values("valid", metric).values()) for cell in cells}
    return ", ".join(f"{name} {sum(v) / len(v):.4g}" for name, v in values.items() if v)


def _panel(results: Results, title: str, *, marks: Sequence[Mark], ends: Limits) -> Panel:
    return Panel(
        title=title,
        x=Axis(title="epoch"),
        y=Axis(title=objective_title(results), low=ends.low, high=ends.high),
        marks=tuple(marks),
    )


def _summary(results: Results, entries: Sequence[Entry]) -> str:
    finished, stopped, failed = (
        sum(entry.trial.status == status for entry in entries)
        for status in (FINISHED, STOPPED, FAILED)
    )
    text = (
        f"{len(entries)} trials: {finished} ran to their end, {stopped} were stopped early, "
        f"{failed} failed."
    )
    best = entries[0]
    value = best.trial.valid.get(results.experiment.metric, math.nan)
    if best.rank is None or math.isnan(value):
        return text
    return (
        f"{text} The best, {numbered(best)}, has {objective_title(results)} {value:.4g} at its "
        "best epoch."
    )


def _notes(
    results: Results, entries: Sequence[Entry], *, shown: Sequence[Entry], curves: dict[str, Curve]
) -> Iterator[str]:
    drawn = f", {len(shown)} of them drawn, the others evenly spaced by rank"
    fewer = drawn if len(shown) < len(entries) else ""
    yield (
        f"In colour: the best {_STRONG} trials that ran to their end, by validation; grey: the "
        f"other trials. n = {len(entries)} trials{fewer}."
    )
    silent = sum(entry.trial.key not in curves for entry in shown)
    if silent:
        yield f"Without a line, because they ended before their first epoch: {silent}."
    judged = rungs(results, entries)
    if judged:
        name = results.experiment.space["search"]["scheduler"]["name"]
        yield f"Rungs: epochs at which {name} stops the worse trials."
    confirmation = confirmation_of(results)
    if confirmation.chosen is not None:
        yield (
            "Confirmed: the same settings over fresh seeds; the one that validation chose is strong"
            + (f"; the first {_STRONG}" * (len(confirmation.configurations) > _STRONG))
            + "."
        )
