"""Parallel coordinates: each trial of the search is a line over its values and its objective."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Line, Look, Mark, Texts
from reports.figures.limits import limits
from reports.figures.thinning import thinned
from reports.figures.trial_labels import jitter, numbered, objective_title, scored_entries
from reports.ledger.reading.load import Results
from reports.ledger.schema import FINISHED
from reports.ledger.trials import ABSENT
from reports.results.search_entries import Entry, search_entries
from reports.tables.searched_parameters import Parameter, searched_parameters, value_text, values_of

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
    drawn = _drawn(scored)
    values = _Values(results, [*drawn.best, *drawn.others], chosen=shown[:_AXES])
    titles = [*(parameter.title for parameter in shown[:_AXES]), objective_title(results)]
    notes = _notes(drawn, scored=len(scored), trials=len(entries), parameters=len(shown))
    return (
        Figure(
            name="parallel",
            title=f"Searched values and {objective_title(results)} of each trial",
            summary=values.summary(scored[: drawn.tenth], len(scored)),
            panels=(_panel(values, drawn, titles=titles),),
            notes=(*notes, *values.reach.note("lines")),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """The trials that have a line.

    Attributes:
        tenth: number of trials in the best tenth of those that ran to their end.
        best: the trials of this tenth that are drawn.
        others: the other trials that are drawn.
    """

    tenth: int
    best: Sequence[Entry]
    others: Sequence[Entry]


def _drawn(scored: Sequence[Entry]) -> _Drawn:
    finished = sum(entry.status == FINISHED for entry in scored)
    tenth = math.ceil(finished / 10)
    best = [scored[at] for at in thinned(tenth, _STRONG)]
    rest = scored[tenth:]
    others = [rest[at] for at in thinned(len(rest), _LINES - len(best))]
    return _Drawn(tenth=tenth, best=best, others=others)


class _Values:
    """Positions on the axes of the parameters and, last, of the objective, best on top."""

    def __init__(
        self, results: Results, entries: Sequence[Entry], *, chosen: Sequence[Parameter]
    ) -> None:
        self._results, self._chosen = results, chosen
        self._values = {
            entry.trial.key: values_of(results, entry, chosen=chosen) for entry in entries
        }
        self._ends = [self._range(parameter) for parameter in chosen]
        every = [self._objective(entry) for entry in entries]
        self.reach = limits(every, results.experiment.mode)
        found = [value for value in every if self.reach.shows(value)]
        best_first = results.experiment.mode == "min"
        self._scale = (max(found), min(found)) if best_first else (min(found), max(found))

    def _objective(self, entry: Entry) -> float:
        return entry.trial.valid[self._results.experiment.metric]

    def _range(self, parameter: Parameter) -> tuple[float, float]:
        """Return the ends of an axis: those of the space, wider if a fixed value lies outside."""
        if parameter.choices:
            return 0.0, float(len(parameter.choices) - 1)
        given = (
            parameter.place(values.get(parameter.name, ABSENT)) for values in self._values.values()
        )
        places = [place for place in (*given, *(parameter.ends or ())) if place is not None]
        return (min(places), max(places)) if places else (0.0, 1.0)

    def line(self, entry: Entry, look: Look, *, series: str = "") -> Line:
        """Return the line of a trial, interrupted where it lacks a parameter."""
        values = self._values[entry.trial.key]
        places, texts = [], []
        for parameter, ends in zip(self._chosen, self._ends, strict=True):
            value = values.get(parameter.name, ABSENT)
            place = parameter.place(value)
            shift = jitter(entry.trial.key, _SPREAD / max(1.0, ends[1])) if parameter.choices else 0
            places.append(_share(place, ends, log=parameter.log) + shift)
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
        """Yield the axes with texts at their ends or at each choice."""
        for place, (parameter, ends) in enumerate(zip(self._chosen, self._ends, strict=True)):
            yield Line(x=[place, place], y=[0.0, 1.0], look=Look.FAINT)
            if not parameter.choices:
                yield from _ends(place, ends)
                continue
            heights = [_share(at, ends, log=False) for at in range(len(parameter.choices))]
            yield Texts(x=[place] * len(heights), y=heights, texts=parameter.categories)
        last = len(self._chosen)
        yield Line(x=[last, last], y=[0.0, 1.0], look=Look.FAINT)
        yield from _ends(last, self._scale)

    def summary(self, best: Sequence[Entry], scored: int) -> str:
        """Return a sentence on the objective of the best tenth."""
        if not best:
            seeds = " with every seed" if self._results.experiment.other_seeds else ""
            return f"{scored} trials, none of which ran to its end{seeds}."
        low, high = sorted((self._objective(best[0]), self._objective(best[-1])))
        span = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
        return (
            f"{scored} trials over {len(self._chosen)} parameters; {objective_title(self._results)}"
            f" of the best tenth, {len(best)} of those that ran to their end: {span}."
        )


def _panel(values: _Values, drawn: _Drawn, *, titles: Sequence[str]) -> Panel:
    """Return the panel; the best trials are drawn over the axes, the others below them."""
    return Panel(
        x=Axis(categories=titles),
        y=Axis(low=-0.12, high=1.12, bare=True),
        marks=(
            *(values.line(entry, Look.FAINT) for entry in reversed(drawn.others)),
            *values.scales(),
            *(values.line(entry, Look.NORMAL, series=_BEST) for entry in reversed(drawn.best)),
        ),
    )


def _ends(place: int, ends: tuple[float, float]) -> Iterator[Texts]:
    low, high = ends
    yield Texts(x=[place], y=[0.0], texts=[value_text(float(low))], side="below")
    yield Texts(x=[place], y=[1.0], texts=[value_text(float(high))], side="above")


def _share(value: float | None, ends: tuple[float, float], *, log: bool) -> float:
    """Return the position of ``value`` between both ends, 0 to 1; NaN for None.

    >>> _share(2.0, (1.0, 5.0), log=False)
    0.25
    """
    if value is None:
        return math.nan
    low, high, at = (math.log(each) if log else each for each in (*ends, value))
    return 0.5 if low == high else (at - low) / (high - low)


def _notes(drawn: _Drawn, *, scored: int, trials: int, parameters: int) -> Iterator[str]:
    lines = len(drawn.best) + len(drawn.others)
    yield (
        "Each line is one trial, at its best epoch on validation. Colour marks the best tenth of "
        f"the trials that ran to their end ({drawn.tenth}). n = {scored} trials"
        + (f", {lines} of them drawn, evenly spaced by rank" if lines < scored else "")
        + (f"; {trials - scored} without a value" if trials > scored else "")
        + "."
    )
    yield (
        "Each axis runs from its least to its greatest value; the objective has its best value on "
        "top. An axis is logarithmic where the search was. A line is interrupted where a "
        "parameter had no effect. At choices, lines are spread a little."
        + (f" {parameters - _AXES} more parameters are left out." * (parameters > _AXES))
    )
