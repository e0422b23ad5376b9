"""The importance of each searched parameter, and which of its values were stopped early."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.schema import FAILED, FINISHED, IMPORTANCE_TRIALS, STOPPED
from reports.results.parameter_importance import Importance, read_importance
from reports.results.search_entries import SOME_SEEDS, Entry, search_entries
from reports.tables.searched_parameters import Parameter, searched_parameters, value_text, values_of

_COLUMNS: tuple[Column, ...] = (
    Column("parameter", "parameter", is_text=True),
    Column("importance", "importance"),
    Column("values", "values", is_text=True),
    Column("trials", "trials"),
    Column("finished", "finished"),
    Column("stopped", "stopped early"),
    Column("failed", "failed"),
)
_SOME_SEEDS = Column("some_seeds", SOME_SEEDS)
_MOST_VALUES = 4
"""Most values of a number that have a row each; more values are grouped into two halves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTrials:
    """The trials of a search that had one value of a parameter, or one of a range of values.

    Attributes:
        parameter: the parameter.
        values: the value or the range, as text.
        statuses: status of each of these trials.
    """

    parameter: Parameter
    values: str
    statuses: tuple[str, ...]

    @property
    def stopped(self) -> int:
        """Return how many trials were stopped early."""
        return self.statuses.count(STOPPED)

    @property
    def sentence(self) -> str:
        """Return a sentence on how many of its trials were stopped early."""
        return (
            f"{self.parameter.title} {self.values}: {self.stopped} of {len(self.statuses)} trials "
            "stopped early"
        )


def importance(results: Results) -> tuple[Table, ...]:
    """Return the table; none where no importance is known and no trial was stopped early."""
    entries = search_entries(results)
    found = value_trials(results, entries)
    known = read_importance(results)
    ends = {status for each in found for status in each.statuses}
    if known is None and not ends & {STOPPED, SOME_SEEDS}:
        return ()
    several = bool(results.experiment.other_seeds)
    shares = {} if known is None else {p.name: p.share for p in known.parameters}
    table = Table(
        name="importance",
        title="Search: importance of the parameters, and trials stopped early",
        columns=(*_COLUMNS, _SOME_SEEDS) if several else _COLUMNS,
        rows=tuple(_row(each, shares.get(each.parameter.name), several=several) for each in found),
        notes=tuple(_notes(results, entries)),
        is_whole=True,
    )
    return (table,)


def value_trials(results: Results, entries: Sequence[Entry]) -> tuple[ValueTrials, ...]:
    """Return the values of each searched parameter with the trials that had them."""
    chosen = searched_parameters(results, entries)
    had = [(entry.status, values_of(results, entry, chosen=chosen)) for entry in entries]
    return tuple(
        ValueTrials(parameter=parameter, values=name, statuses=tuple(statuses))
        for parameter in chosen
        for name, statuses in _grouped(parameter, had)
    )


def stopped_values(results: Results) -> list[ValueTrials]:
    """Return the values with a trial that was stopped early, the largest share first."""
    stopped = [each for each in value_trials(results, search_entries(results)) if each.stopped]
    return sorted(stopped, key=lambda each: -each.stopped / len(each.statuses))


def _grouped(
    parameter: Parameter, had: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the statuses of the trials with each value, or with each half of many numbers."""
    placed = [
        (place, status)
        for status, values in had
        if parameter.name in values
        and (place := parameter.place(values[parameter.name])) is not None
    ]
    places = sorted({place for place, _ in placed})
    if parameter.choices or len(places) <= _MOST_VALUES:
        for place in places:
            name = parameter.categories[int(place)] if parameter.choices else value_text(place)
            yield name, [status for other, status in placed if other == place]
        return
    middle = median(place for place, _ in placed)
    halves = ([p for p in placed if p[0] <= middle], [p for p in placed if p[0] > middle])
    for half in halves:
        if half:
            low, high = min(half)[0], max(half)[0]
            yield f"{value_text(low)} to {value_text(high)}", [status for _, status in half]


def _row(each: ValueTrials, share: float | None, *, several: bool) -> tuple[Cell, ...]:
    ends = (FINISHED, STOPPED, FAILED, *((SOME_SEEDS,) if several else ()))
    counts = (each.statuses.count(status) for status in ends)
    return (
        Text(each.parameter.title),
        Missing() if share is None else Number(share, Style.PERCENT),
        Text(each.values),
        Number(len(each.statuses), Style.INTEGER),
        *(Number(count, Style.INTEGER) for count in counts),
    )


def _method(known: Importance | None, entries: Sequence[Entry]) -> str:
    """Return how the importance was computed, or why there is none."""
    if known is not None:
        return (
            f"Importance, in percent: {known.method} of Optuna {known.optuna} over "
            f"{known.trials} finished trials, for {known.objective}. -: cannot be judged."
        )
    finished = sum(entry.status == FINISHED for entry in entries)
    if finished < IMPORTANCE_TRIALS:
        return f"No importance: it needs {IMPORTANCE_TRIALS} finished trials, {finished} finished."
    return "No importance: the run has not recorded it; the same command records it."


def _notes(results: Results, entries: Sequence[Entry]) -> Iterator[Note]:
    yield Note(_method(read_importance(results), entries))
    if any(entry.trial.status == STOPPED for entry in entries):
        yield Note(
            "Finished trials are a biased sample: trials that were stopped early do not count for "
            "importance, so a value that is often stopped is judged by its best trials only."
        )
    if any(entry.status == SOME_SEEDS for entry in entries):
        yield Note(
            "Finished: with every seed of the search; only these count for importance. Some seeds: "
            "given up (search.give_up), or other seeds have still to run."
        )
    yield Note(
        f"A number with more than {_MOST_VALUES} values has two rows: the lower and the upper half "
        "of its trials. A trial without the parameter (a condition) is in none of its rows."
    )
