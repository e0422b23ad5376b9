"""The chosen configuration: the options in which it differs from the baseline."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reports.content.overview import Section
from reports.content.shortened import clipped
from reports.content.table import Cell, Column, Missing, Note, Table, Text
from reports.ledger.goals import losses, pareto_set
from reports.ledger.reading.load import Results
from reports.overview.chosen import FIXED, Chosen
from reports.results.search_entries import Entry, search_entries
from reports.tables.changed_options import fixed_config
from reports.tables.few_seeds import seeds_text
from reports.tables.leaderboard import option_cell, value_cell

_NO_OPTION = Missing("-")


def configuration(results: Results, chosen: Chosen | None) -> Section:
    """Return the section of the chosen configuration."""
    if chosen is not None:
        return _over_seeds(results, chosen)
    best = next((entry for entry in search_entries(results) if entry.rank == 1), None)
    if best is None:
        return Section(name="configuration", title="No trial has finished, so none is chosen")
    return _searched(results, best)


def _over_seeds(results: Results, chosen: Chosen) -> Section:
    setting, baseline = chosen.setting, chosen.baseline
    ours = json.loads(setting.trials[0].config)
    theirs = json.loads(baseline.trials[0].config) if baseline else fixed_config(results)
    changes = {} if baseline is None else baseline.changes
    table = None
    if chosen.is_only:
        table = _options(setting.changes)
    elif not chosen.is_baseline:
        table = _table((changes, theirs), (setting.changes, ours))
    return Section(
        name="configuration",
        title=f"{chosen.name.capitalize()}: {clipped(chosen.title, 120)}",
        table=table if table is not None and table.rows else None,
        notes=(*_baseline_note(chosen), *_pareto_notes(results)),
    )


def _baseline_note(chosen: Chosen) -> Iterator[Note]:
    if chosen.is_only:
        yield Note("Nothing is compared: the run has no search and no other cell.")
        return
    if chosen.is_baseline:
        yield Note(f"That is the baseline itself: {clipped(chosen.baseline_title, 100)}.")
        return
    title = clipped(chosen.baseline_title, 100)
    if chosen.baseline is None:
        yield Note(f"Baseline: {title}; not run over seeds.")
    else:
        yield Note(f"Baseline: {title}; {chosen.baseline_seeds}.")


def _searched(results: Results, best: Entry) -> Section:
    """Return the best trial of a search that has confirmed nothing: it has no test metrics."""
    fixed = fixed_config(results)
    table = _table(({}, fixed), (best.changes, json.loads(best.trial.config)))
    return Section(
        name="configuration",
        title=f"Best configuration on validation: search trial {best.numbers[0]}, not confirmed",
        table=table if table.rows else None,
        notes=tuple(_search_notes(results, best)),
    )


def _search_notes(results: Results, best: Entry) -> Iterator[Note]:
    metric = f"valid/{results.experiment.metric}"
    seeds = seeds_text(len(best.trials))
    start = next((e for e in search_entries(results) if not e.changes and e.rank), None)
    text = f"{metric} {_value(results, best)} over {seeds}"
    if start is not None and start is not best:
        text += f"; baseline, {FIXED}: {_value(results, start)} (trial {start.numbers[0]})"
    elif start is best:
        text += f"; it is the baseline, {FIXED}"
    yield Note(f"{text}.")
    yield Note("Test metrics of a search are not shown; a confirmation over fresh seeds has some.")
    yield from _pareto_notes(results)


def _value(results: Results, entry: Entry) -> str:
    value = entry.trial.valid.get(results.experiment.metric)
    return "undefined" if value is None else f"{value:.3f}"


def _pareto_notes(results: Results) -> Iterator[Note]:
    """Yield how large the Pareto set is, of a search with several objectives."""
    goals = results.experiment.goals
    if len(goals) < 2:
        return
    found = (losses(entry.trial, goals) for entry in search_entries(results) if entry.rank)
    points = [point for point in found if point is not None]
    if points:
        yield Note(
            f"Chosen by the first of {len(goals)} objectives, {goals[0].metric}. The Pareto set "
            f"has {len(pareto_set(points))} of {len(points)} trials: see --tables pareto."
        )


Setting = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Changes of a setting, and its resolved configuration."""


def _options(changes: Mapping[str, Any]) -> Table:
    """Return the options that a cell sets."""
    return _named(
        "Options that the cell sets",
        {"chosen": "value"},
        rows=((Text(name), value_cell(value)) for name, value in changes.items()),
    )


def _table(baseline: Setting, chosen: Setting) -> Table:
    """Return the options in which two settings differ."""
    options = dict.fromkeys([*chosen[0], *baseline[0]])
    rows = ((Text(name), _cell(baseline, name), _cell(chosen, name)) for name in options)
    return _named(
        "Options in which the chosen configuration differs from the baseline",
        {"baseline": "baseline", "chosen": "chosen"},
        rows=(row for row in rows if row[1] != row[2]),
    )


def _named(title: str, values: Mapping[str, str], *, rows: Iterable[tuple[Cell, ...]]) -> Table:
    """Return a table of options whose columns of values have these names and titles."""
    columns = {"option": "option", **values}
    return Table(
        name="chosen_options",
        title=title,
        columns=tuple(Column(name, shown, is_text=True) for name, shown in columns.items()),
        rows=tuple(rows),
    )


def _cell(setting: Setting, option: str) -> Cell:
    changes, config = setting
    if option in changes:
        return value_cell(changes[option])
    return option_cell(config, option, missing=_NO_OPTION)
