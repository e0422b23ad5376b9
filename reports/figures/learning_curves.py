"""The objective by epoch: for trials of the search with their stops, and for seeds."""

import math
from collections.abc import Iterator, Sequence

from reports.content.figure import Figure
from reports.content.mark import Line, Look, Mark, Points, Rule
from reports.figures.ablation_curves import ablation_curves
from reports.figures.curves import (
    Curve,
    CurvePanel,
    curve_line,
    curve_panel,
    curves_of,
    finite_values,
    last_points,
    rungs,
    without_excess_hover,
)
from reports.figures.thinning import thinned
from reports.figures.trial_labels import capitalised, numbered, objective_title
from reports.ledger.reading.load import Results
from reports.ledger.schema import FAILED, FINISHED, STOPPED
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.search_entries import Entry, search_entries
from reports.results.seed_groups import ablation_cells

_STRONG = 5
_FAINT = 60


def learning_curves(results: Results) -> tuple[Figure, ...]:
    """Return a figure of the search and one of each ablation, if epochs are recorded."""
    figures = [_search(results)]
    for group, cells in ablation_cells(results).items():
        figures.append(ablation_curves(results, group, cells=cells))
    return tuple(figure for figure in figures if figure is not None)


def _search(results: Results) -> Figure | None:
    """Return the figure of the search and, if there are any, of the confirmed seeds."""
    entries = search_entries(results)
    shown = _shown(results, entries)
    repeated = _confirmed_trials(results)
    curves = curves_of(results, [*(entry.trial for entry in shown), *repeated])
    search = _search_panel(results, entries, shown=shown, curves=curves)
    if search is None:
        return None
    notes = _notes(results, entries, shown=shown, curves=curves)
    panels = [search, _confirmed_panel(results, entries, trials=repeated, curves=curves)]
    drawn = [panel for panel in panels if panel is not None]
    return Figure(
        name="learning_curves",
        title=f"{capitalised(objective_title(results))} by epoch",
        summary=_summary(results, entries),
        panels=tuple(panel for panel, _ in drawn),
        columns=len(drawn),
        notes=(*notes, *(note for _, cut in drawn for note in cut)),
    )


def _confirmed_trials(results: Results) -> list[Trial]:
    """Return the finished trials of the first confirmed configurations."""
    confirmed = confirmation_of(results).configurations[:_STRONG]
    return [trial for configuration in confirmed for trial in configuration.trials]


def _shown(results: Results, entries: Sequence[Entry]) -> list[Entry]:
    """Return the best trials and some of the others, evenly spaced by rank."""
    best = _best(results, entries)
    others = entries[len(best) :]
    return [*best, *(others[at] for at in thinned(len(others), _FAINT))]


def _best(results: Results, entries: Sequence[Entry]) -> list[Entry]:
    """Return the best of the trials that have a rank and a value."""
    metric = results.experiment.metric
    return [
        entry
        for entry in entries[:_STRONG]
        if entry.rank is not None and math.isfinite(entry.trial.valid.get(metric, math.nan))
    ]


def _search_panel(
    results: Results, entries: Sequence[Entry], *, shown: Sequence[Entry], curves: dict[str, Curve]
) -> CurvePanel | None:
    return curve_panel(
        results,
        "Search",
        marks=_search_marks(results, entries, shown=shown, curves=curves),
        values=finite_values(curves, (entry.trial for entry in shown)),
        what="epochs drawn of the search",
    )


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


def _confirmed_panel(
    results: Results, entries: Sequence[Entry], *, trials: Sequence[Trial], curves: dict[str, Curve]
) -> CurvePanel | None:
    return curve_panel(
        results,
        "Confirmed: one line per seed",
        marks=without_excess_hover(_confirmed(results, entries, curves=curves)),
        values=finite_values(curves, trials),
        what="epochs of the confirmed seeds",
    )


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
        for trial in configuration.trials
    ]


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
    if results.experiment.other_seeds:
        yield "Each line is the trial of the first seed; ranks go by the mean over all seeds."
    silent = sum(entry.trial.key not in curves for entry in shown)
    if silent:
        yield f"Without a line, because they ended before their first epoch: {silent}."
    judged = rungs(results, entries)
    if judged:
        name = results.experiment.space["search"]["scheduler"]["name"]
        yield f"Rungs: epochs at which {name} stops the worse trials."
    yield from _confirmed_note(results)


def _confirmed_note(results: Results) -> Iterator[str]:
    confirmation = confirmation_of(results)
    if confirmation.chosen is not None:
        yield (
            "Confirmed: the same settings over fresh seeds; the one that validation chose is strong"
            + (f"; the first {_STRONG}" * (len(confirmation.configurations) > _STRONG))
            + "."
        )
