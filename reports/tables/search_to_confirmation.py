"""The value of each confirmed configuration in the search and over fresh seeds."""

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
        columns=_columns(found[0][1].metric),
        rows=tuple(_row(label, one) for label, one in found),
        notes=(_METHOD,),
        is_whole=True,
    )
    return (table,)


def _columns(metric: str) -> tuple[Column, ...]:
    return (
        Column("configuration", "configuration", is_text=True),
        Column("searched", f"{metric} in the search"),
        Column("seeds", "fresh seeds"),
        Column("fresh", "over fresh seeds"),
        Column("difference", "difference"),
    )


def _row(label: str, one: Confirmed) -> tuple[Cell, ...]:
    style = Style.SCORE
    return (
        Text(label),
        Number(one.searched, style),
        Number(len(one.fresh), Style.INTEGER),
        spread(summarise(one.fresh), style),
        Number(one.mean - one.searched, style, signed=True),
    )


def _kept(results: Results, configuration: SeedGroup) -> Confirmed | None:
    return confirmed_value(
        results.experiment.goals[0],
        results.trials.get(configuration.group),
        repeated=configuration.finished.values(),
    )
