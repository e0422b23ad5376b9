"""The value of each confirmed configuration in the search and over fresh seeds."""

from collections.abc import Iterator

from reports.content.table import Cell, Column, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.reading.winner import Confirmed, confirmed_value
from reports.results.confirmation import Confirmation, confirmation_of
from reports.results.search_entries import search_entries
from reports.results.seed_groups import SeedGroup
from reports.statistics import summarise
from reports.tables.metrics import spread

_METHOD = Note(
    "In the search: one seed, the same for every trial. Fresh seeds: finished seeds of the "
    "confirmation other than the seed of the search; mean ± standard deviation (n - 1). "
    "Difference: fresh - search. The search picked the best of its values, so each value is partly "
    "due to luck with that one seed."
)
_SEVERAL = Note(
    "In the search: the same seeds for every configuration. Fresh seeds: finished seeds of the "
    "confirmation other than those of the search. Both: mean ± standard deviation (n - 1). "
    "Difference: fresh - search. The search picked the best of its means, so each mean is partly "
    "due to luck with those seeds."
)


def search_winner(results: Results) -> Confirmed | None:
    """Return both values of the best trial of the search; None before it has a fresh seed."""
    best = next(iter(search_entries(results)), None)
    if best is None or best.rank is None:
        return None
    for configuration in confirmation_of(results).configurations:
        if configuration.group == best.trial.key:
            return _kept(results, configuration)
    return None


def search_to_confirmation(results: Results, confirmation: Confirmation) -> tuple[Table, ...]:
    """Return the table of all configurations; none where none has a fresh seed."""
    found = [
        (confirmation.label(place), one)
        for place, configuration in enumerate(confirmation.configurations)
        if (one := _kept(results, configuration)) is not None
    ]
    if not found:
        return ()
    table = Table(
        name="confirmed_kept",
        title="Confirmed configurations: their value in the search and over fresh seeds",
        columns=tuple(_columns(found[0][1].metric, results)),
        rows=tuple(tuple(_row(label, one, results=results)) for label, one in found),
        notes=(_SEVERAL if results.experiment.other_seeds else _METHOD,),
        is_whole=True,
    )
    return (table,)


def _columns(metric: str, results: Results) -> Iterator[Column]:
    yield Column("configuration", "configuration", is_text=True)
    if results.experiment.other_seeds:
        yield Column("search_seeds", "search seeds")
    yield Column("searched", f"{metric} in the search")
    yield Column("seeds", "fresh seeds")
    yield Column("fresh", "over fresh seeds")
    yield Column("difference", "difference")


def _row(label: str, one: Confirmed, *, results: Results) -> Iterator[Cell]:
    style = Style.SCORE
    yield Text(label)
    if results.experiment.other_seeds:
        yield Number(len(one.values), Style.INTEGER)
        yield spread(summarise(one.values), style)
    else:
        yield Number(one.searched, style)
    yield Number(len(one.fresh), Style.INTEGER)
    yield spread(summarise(one.fresh), style)
    yield Number(one.mean - one.searched, style, signed=True)


def _kept(results: Results, configuration: SeedGroup) -> Confirmed | None:
    return confirmed_value(
        results.experiment.goals[0],
        next(
            (
                entry.trials
                for entry in search_entries(results)
                if entry.trial.key == configuration.group
            ),
            (),
        ),
        repeated=configuration.finished.values(),
    )
