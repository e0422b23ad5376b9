"""The options of the confirmed configurations that differ from the space's fixed values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.content.table import Cell, Column, Missing, Note, Table, Text
from reports.ledger.reading.load import Results
from reports.results.confirmation import Confirmation
from reports.results.seed_groups import SeedGroup
from reports.tables.leaderboard import option_cell, value_cell

_UNRECORDED = Missing("not recorded")


def changed_options(results: Results, confirmation: Confirmation) -> tuple[Table, ...]:
    """Return a table with one row for each option that a configuration changes.

    Without any change it is written as CSV only, with its header alone: a file of an earlier
    configuration would otherwise stay and seem to be current.
    """
    configurations = confirmation.configurations
    options = dict.fromkeys(name for each in configurations for name in each.changes)
    fixed = fixed_config(results)
    labels = [confirmation.label(place) for place in range(len(configurations))]
    rows = tuple(tuple(_row(option, fixed, configurations=configurations)) for option in options)
    table = Table(
        name="confirmed_settings",
        title="Confirmed configurations: options that differ from the fixed values",
        columns=(
            Column("option", "option", is_text=True),
            Column("fixed", "fixed value"),
            *(Column(f"configuration_{n}", label) for n, label in enumerate(labels, start=1)),
        ),
        rows=rows,
        notes=tuple(_notes(configurations, rows)),
        is_data=not options,
    )
    return (table,)


def _row(
    option: str, fixed: Mapping[str, Any], *, configurations: Sequence[SeedGroup]
) -> Iterator[Cell]:
    yield Text(option)
    yield option_cell(fixed, option, missing=_UNRECORDED)
    for each in configurations:
        yield value_cell(each.changes[option]) if option in each.changes else Text("as fixed")


def _notes(configurations: Sequence[SeedGroup], rows: Sequence[Sequence[Cell]]) -> Iterator[Note]:
    yield Note("Every option that is not listed has its fixed value.")
    if any(_UNRECORDED in row for row in rows):
        yield Note(
            "Not recorded: the fixed values leave the option at its default, or have no such "
            "option."
        )
    for place, each in enumerate(configurations):
        if not each.changes:
            yield Note(f"Configuration {place + 1}: the fixed values without a change.")


def fixed_config(results: Results) -> Mapping[str, Any]:
    """Return the resolved fixed values: those of a trial without changes."""
    unchanged = (role.key for role in results.roles if not role.changes)
    trial = next((results.trials[key] for key in unchanged if key in results.trials), None)
    if trial is None:
        return results.experiment.space.get("experiment") or {}
    config: Mapping[str, Any] = json.loads(trial.config)
    return config
