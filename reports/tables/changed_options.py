"""The options of the confirmed configurations that differ from the space's fixed values."""

import json
from collections.abc import Mapping
from typing import Any

from reports.content.table import Cell, Column, Missing, Note, Table, Text
from reports.ledger.reading.load import Results
from reports.results.confirmation import Confirmation
from reports.tables.leaderboard import option_cell, value_cell


def changed_options(results: Results, confirmation: Confirmation) -> Table:
    """Return a table with one row for each option that a configuration changes."""
    options = list(dict.fromkeys(name for c in confirmation.configurations for name in c.changes))
    fixed = _fixed_config(results)
    rows: list[tuple[Cell, ...]] = [
        (
            Text(option),
            option_cell(fixed, option, missing=Missing("not recorded")),
            *(
                value_cell(c.changes[option]) if option in c.changes else Text("as fixed")
                for c in confirmation.configurations
            ),
        )
        for option in options
    ]
    return Table(
        name="confirmed_settings",
        title="Confirmed configurations: options that differ from the fixed values",
        columns=(
            Column("option", "option", is_text=True),
            Column("fixed", "fixed value"),
            *(
                Column(f"configuration_{place + 1}", confirmation.label(place))
                for place in range(len(confirmation.configurations))
            ),
        ),
        rows=tuple(rows),
        notes=(
            Note("Every option that is not listed has its fixed value."),
            *(
                Note(f"Configuration {place + 1}: the fixed values without a change.")
                for place, c in enumerate(confirmation.configurations)
                if not c.changes
            ),
        ),
    )


def _fixed_config(results: Results) -> Mapping[str, Any]:
    """Return the resolved fixed values: those of a trial without changes."""
    unchanged = (role.key for role in results.roles if not role.changes)
    trial = next((results.trials[key] for key in unchanged if key in results.trials), None)
    if trial is None:
        return results.experiment.space.get("experiment") or {}
    config: Mapping[str, Any] = json.loads(trial.config)
    return config
