"""Parallel coordinates: each trial of the search as a line over its values and its objective."""

import math
from collections.abc import Iterator, Sequence

from reports.content.figure import Axis, Figure, Line, Look, Mark, Panel, Texts
from reports.figures.limits import limits
from reports.figures.parameters import jitter, numbered, objective_title, scored_entries
from reports.figures.thinning import thinned
from reports.ledger.run.load import Results
from reports.ledger.schema import FINISHED
from reports.results.seed_groups import Entry, search_entries
from reports.tables.parameters import Parameter, searched_parameters, value_text, values_of

_AXES = 9
_LINES = 300
_STRONG = 40  # with a hover text at each of their points
_BEST = "best tenth"
_SPREAD = 0.12  # of the distance between two choices


def parallel(results: Results) -> tuple[Figure, ...]:
    """Return the parallel coordinates; none with fewer than two trials that have a value."""
    entries = search_entries(results)
    scored = scored_entries(results)
    shown = searched_parameters(results, entries)
    if len(scored) < 2 or not shown:
        return ()
    finished = sum(entry.trial.status == FINISHED for entry in scored)
    tenth = math.ceil(finished / 10)
    best = [scored[at] for at in thinned(tenth, _STRONG)]
    rest = scored[tenth:]
    others = [rest[at] for at in thinned(len(rest), _LINES - len(best))]
    values = _Values(results, [*best, *others], shown[:_AXES])
    marks = [
        *(values.line(entry, Look.FAINT) for entry in reversed(others)),
        *values.scales(),
        *(values.line(entry, Look.NORMAL, _BEST) for entry in reversed(best)),
    ]
    titles = [*(parameter.title for parameter in shown[:_AXES]), objective_title(results)]
    return (
        Figure(
            name="parallel",
            title=f"Searched values and {objective_title(results)} of each trial",
            summary=values.summary(scored[:tenth], len(scored)),
            panels=(
                Panel(
                    x=Axis(categories=titles),
                    y=Axis(low=-0.12, high=1.12, bare=True),
                    marks=tuple(marks),
                ),
            ),
            notes=(
                *_notes(entries, len(scored), tenth, len(best), len(others), shown),
                *values.reach.note("lines"),
            ),
        ),
    )


class _Values:
    """What stands where on the axes: the parameters', then the objective's, best on top."""

    def __init__(
        self, results: Results, entries: Sequence[Entry], chosen: Sequence[Parameter]
    ) -> None:
        self._results, self._chosen = results, chosen
        self._values = {entry.trial.key: values_of(results, entry, chosen) for entry in entries}
        self._ends = [self._range(parameter) for parameter in chosen]
        every = [self._objective(entry) for entry in entries]
        self.reach = limits(every, results.experiment.mode)
        found = [value for value in every if self.reach.shows(value)]
        best_first = results.experiment.mode == "min"
        self._scale = (max(found), min(found)) if best_first else (min(found), max(found))

    def _objective(self, entry: Entry) -> float:
        return entry.trial.valid[self._results.experiment.metric]

    def _range(self, parameter: Parameter) -> tuple[float, float]:
        """Return the ends of an axis: the space's, wider where a fixed value lies outside."""
        if parameter.choices:
            return 0.0, float(len(parameter.choices) - 1)
        given = (parameter.place(values.get(parameter.name)) for values in self._values.values())
        places = [place for place in (*given, *(parameter.ends or ())) if place is not None]
        return (min(places), max(places)) if places else (0.0, 1.0)

    def line(self, entry: Entry, look: Look, series: str = "") -> Line:
        """Return a trial; where it lacks a parameter the line is interrupted."""
        values = self._values[entry.trial.key]
        places, texts = [], []
        for parameter, ends in zip(self._chosen, self._ends, strict=True):
            value = values.get(parameter.name)
            place = parameter.place(value)
            shift = jitter(entry.trial.key, _SPREAD / max(1.0, ends[1])) if parameter.choices else 0
            places.append(_share(place, ends, parameter.log) + shift)
            texts.append("" if place is None else f"{parameter.title} {value_text(value)}")
        objective = self._objective(entry)
        shown = objective if self.reach.shows(objective) else None
        places.append(_share(shown, self._scale, log=False))
        texts.append(f"{objective_title(self._results)} {objective:.4g}")
        return Line(
            x=list(range(len(places))),
            y=places,
            series=series,
            look=look,
            hover=[f"{numbered(entry)}: {text}" for text in texts] if series else (),
        )

    def scales(self) -> Iterator[Mark]:
        """Yield the axes with what stands at their ends, or at each choice."""
        for place, (parameter, ends) in enumerate(zip(self._chosen, self._ends, strict=True)):
            yield Line(x=[place, place], y=[0.0, 1.0], look=Look.FAINT)
            if not parameter.choices:
                yield from _ends(place, *ends)
                continue
            heights = [_share(at, ends, log=False) for at in range(len(parameter.choices))]
            yield Texts(x=[place] * len(heights), y=heights, texts=parameter.categories)
        last = len(self._chosen)
        yield Line(x=[last, last], y=[0.0, 1.0], look=Look.FAINT)
        yield from _ends(last, *self._scale)

    def summary(self, best: Sequence[Entry], scored: int) -> str:
        """Return in words where the best tenth lies."""
        if not best:
            return f"{scored} trials, none of which ran to its end."
        low, high = sorted((self._objective(best[0]), self._objective(best[-1])))
        span = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
        return (
            f"{scored} trials over {len(self._chosen)} parameters; {objective_title(self._results)}"
            f" of the best tenth, {len(best)} of those that ran to their end: {span}."
        )


def _ends(place: int, low: float, high: float) -> Iterator[Texts]:
    yield Texts(x=[place], y=[0.0], texts=[value_text(float(low))], side="below")
    yield Texts(x=[place], y=[1.0], texts=[value_text(float(high))], side="above")


def _share(value: float | None, ends: tuple[float, float], log: bool) -> float:
    """Return how far ``value`` lies from the first to the second end; NaN of None.

    >>> _share(2.0, (1.0, 5.0), log=False)
    0.25
    """
    if value is None:
        return math.nan
    low, high, at = (math.log(each) if log else each for each in (*ends, value))
    return 0.5 if low == high else (at - low) / (high - low)


def _notes(
    entries: Sequence[Entry],
    scored: int,
    tenth: int,
    best: int,
    others: int,
    shown: Sequence[Parameter],
) -> Iterator[str]:
    thinner = best + others < scored
    yield (
        f"A line a trial, at its best epoch on validation; coloured: the best tenth of those that "
        f"ran to their end ({tenth}). n = {scored} trials"
        + (f", {best + others} of them drawn, evenly spaced by rank" if thinner else "")
        + (f"; {len(entries) - scored} without a value" if len(entries) > scored else "")
        + "."
    )
    yield (
        "Each axis from its least to its greatest value, the objective with its best on top; "
        "logarithmic where the search was. A line is interrupted where a parameter did not "
        "count; at choices lines are spread a little."
        + (f" {len(shown) - _AXES} more parameters are left out." * (len(shown) > _AXES))
    )
