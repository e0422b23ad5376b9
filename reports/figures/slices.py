"""The objective against each searched parameter, in one panel each."""

from collections import Counter
from collections.abc import Iterator, Sequence

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Look, Points
from reports.figures.limits import Limits, limits
from reports.figures.thinning import thinned
from reports.figures.trial_labels import (
    capitalised,
    jitter,
    numbered,
    objective_title,
    scored_entries,
)
from reports.ledger.reading.load import Results
from reports.ledger.schema import FINISHED, STOPPED
from reports.ledger.trials import ABSENT
from reports.results.search_entries import SOME_SEEDS, Entry, search_entries
from reports.tables.searched_parameters import Parameter, searched_parameters, value_text, values_of

_PANELS = 9
_POINTS = 700  # most points in all panels together: each has a hover text
_BEST = 20  # trials that are never thinned out
_THINNED = f"the best {_BEST} and others evenly spaced by rank"
_FINISHED = Points(x=(), y=(), series="finished")
_STOPPED = Points(x=(), y=(), series="stopped", marker="cross")
_SOME = Points(x=(), y=(), series=SOME_SEEDS, marker="square")
_THE_BEST = Points(x=(), y=(), series="best", marker="diamond", look=Look.STRONG)
_JITTER = 0.36  # as a share of the distance between two categories
_BY_IMPORTANCE = "Panels are ordered by importance, or as in the space if it is unknown"


def slices(results: Results) -> tuple[Figure, ...]:
    """Return the slices; none if no trial of the search has a value."""
    entries = search_entries(results)
    scored = scored_entries(results)
    shown = searched_parameters(results, entries)
    if not scored or not shown:
        return ()
    chosen = shown[:_PANELS]
    drawn = _drawn(scored, _POINTS // len(chosen))
    ends = _limits(results, scored)
    columns = 2 if len(chosen) in (2, 4) else min(3, len(chosen))
    panels = [
        _panel(results, drawn, parameter=parameter, ends=ends, is_first=place % columns == 0)
        for place, parameter in enumerate(chosen)
    ]
    return (
        Figure(
            name="slices",
            title=f"{capitalised(objective_title(results))} against each searched parameter",
            summary=_summary(results, scored, chosen=chosen),
            panels=tuple(panels),
            columns=columns,
            notes=(*_notes(entries, scored, drawn=drawn, shown=shown), *ends.note("trials")),
        ),
    )


def _limits(results: Results, scored: Sequence[Entry]) -> Limits:
    metric = results.experiment.metric
    return limits([entry.trial.valid[metric] for entry in scored], results.experiment.mode)


def _drawn(scored: Sequence[Entry], most: int) -> list[Entry]:
    """Return the best trials and, evenly spaced by rank, as many of the others as fit."""
    rest = scored[_BEST:]
    return [*scored[:_BEST], *(rest[at] for at in thinned(len(rest), max(2, most - _BEST)))]


def _panel(
    results: Results,
    drawn: Sequence[Entry],
    *,
    parameter: Parameter,
    ends: Limits,
    is_first: bool,
) -> Panel:
    finished, stopped, some = (
        [entry for entry in drawn if entry.status == status]
        for status in (FINISHED, STOPPED, SOME_SEEDS)
    )
    kinds = (
        (_FINISHED, finished[1:]),
        (_STOPPED, stopped),
        (_SOME, some),
        (_THE_BEST, finished[:1]),
    )
    marks = [_points(results, entries, parameter=parameter, kind=kind) for kind, entries in kinds]
    return Panel(
        x=Axis(title=parameter.title, log=parameter.log, categories=parameter.categories),
        y=Axis(title=objective_title(results) if is_first else "", low=ends.low, high=ends.high),
        marks=tuple(mark for mark in marks if mark.x),
    )


def _points(
    results: Results, entries: Sequence[Entry], *, parameter: Parameter, kind: Points
) -> Points:
    """Return the trials that have the parameter, as points of one ``kind``."""
    metric = results.experiment.metric
    x, y, hover = [], [], []
    for entry in entries:
        value = values_of(results, entry, chosen=[parameter]).get(parameter.name, ABSENT)
        place = parameter.place(value)
        if place is None:
            continue
        x.append(place + (jitter(entry.trial.key, _JITTER) if parameter.choices else 0.0))
        y.append(entry.trial.valid[metric])
        hover.append(f"{numbered(entry)}, {entry.status}: {y[-1]:.4g} at {value_text(value)}")
    return Points(x=x, y=y, hover=hover, series=kind.series, marker=kind.marker, look=kind.look)


def _summary(results: Results, scored: Sequence[Entry], *, chosen: Sequence[Parameter]) -> str:
    ends = Counter(entry.status for entry in scored)
    counts = f"{ends[FINISHED]} finished trials"
    counts += f", {ends[SOME_SEEDS]} with some seeds alone" if ends[SOME_SEEDS] else ""
    counts += f" and {ends[STOPPED]} stopped early" if ends[STOPPED] else ""
    best = scored[0]
    if best.status != FINISHED:
        return f"{capitalised(objective_title(results))} of {counts}, none of them ran to its end."
    values = values_of(results, best, chosen=chosen)
    setting = ", ".join(
        f"{p.title} {value_text(values[p.name])}"
        for p in chosen
        if p.place(values.get(p.name, ABSENT)) is not None
    )
    value = best.trial.valid[results.experiment.metric]
    return (
        f"{capitalised(objective_title(results))} of {counts} by the value of {len(chosen)} "
        f"parameters. The best, {numbered(best)}, has {value:.4g} with {setting}."
    )


def _notes(
    entries: Sequence[Entry],
    scored: Sequence[Entry],
    *,
    drawn: Sequence[Entry],
    shown: Sequence[Parameter],
) -> Iterator[str]:
    yield (
        "Each point is one trial, at its best epoch on validation; a stopped trial had fewer "
        f"epochs to reach it. n = {len(scored)} trials"
        + (f", {len(drawn)} of them drawn: {_THINNED}" * (len(drawn) < len(scored)))
        + (f"; {len(entries) - len(scored)} without a value" * (len(scored) < len(entries)))
        + ". Trials without a parameter are not in its panel."
    )
    if any(entry.status == SOME_SEEDS for entry in scored):
        yield (
            "Values are means over the seeds of the search. Some seeds: given up, or other seeds "
            "have still to run."
        )
    yield (
        "The other parameters vary as well, and the sampler tries promising values more often: the "
        "panels show what was tried, not the effect of one parameter."
    )
    yield (
        _BY_IMPORTANCE
        + (f"; {len(shown) - _PANELS} more are left out" * (len(shown) > _PANELS))
        + ". Choices are spread a little sideways."
    )
