"""The differences between two runs: in their spaces, data and code, and in their best."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.compare.side import Pair
from reports.content.table import Cell, Column, Missing, Note, Table, Text
from reports.ledger.reading.load import Results

_ABSENT = object()
Flat = Mapping[str, object]


def settings(pair: Pair) -> tuple[Table, ...]:
    """Return the options in which the best of both differ; none if a run has no best."""
    configs = []
    for side in pair.sides:
        if side.best is None:
            return ()
        configs.append(_flat(json.loads(side.best.trial.config)))
    note = "Every option of the resolved configurations that differs."
    return (
        _table(pair, "compare_settings", title="options of the best", values=configs, note=note),
    )


def spaces(pair: Pair) -> Table:
    """Return the differences of the spaces, of the data and of the environments."""
    note = (
        "Every key that differs: of the newest version of each space, then of the data, the "
        "environment and the trials."
    )
    descriptions = [_described(side.results) for side in pair.sides]
    return _table(
        pair, "compare_spaces", title="spaces, data and code", values=descriptions, note=note
    )


def _table(pair: Pair, name: str, *, title: str, values: Sequence[Flat], note: str) -> Table:
    keys = _differing(*values)
    return Table(
        name=name,
        title=f"Comparison: {title}, where they differ",
        columns=(
            Column("key", "key", is_text=True),
            Column("first", pair.first.name, is_text=True),
            Column("second", pair.second.name, is_text=True),
        ),
        rows=tuple((Text(key), *(_cell(one.get(key, _ABSENT)) for one in values)) for key in keys),
        notes=(Note(note if keys else f"{note} There is none."),),
        is_whole=True,
    )


def _differing(first: Flat, second: Flat) -> list[str]:
    """Return the keys with unequal values, grouped by section."""
    keys = list(dict.fromkeys((*first, *second)))
    sections = list(dict.fromkeys(map(_section, keys)))
    # An empty section adds nothing: the values that it lacks are listed by their own keys.
    above = {key[:place] for key in keys for place, letter in enumerate(key) if letter == "."}
    return sorted(
        (
            key
            for key in keys
            if first.get(key, _ABSENT) != second.get(key, _ABSENT) and key not in above
        ),
        key=lambda key: sections.index(_section(key)),
    )


def _section(key: str) -> str:
    return key.partition(".")[0]


def _cell(value: object) -> Cell:
    # With all digits: two numbers that differ must not look the same.
    if value is _ABSENT:
        return Missing()
    return Text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _described(results: Results) -> Flat:
    newest = results.experiment.newest
    return {
        **_flat(results.experiment.space),
        **_flat({"data fingerprint": newest.data}),
        **_flat(newest.environment),
        **{f"trials: {name}": value for name, value in _computed(results)},
    }


def _computed(results: Results) -> Iterator[tuple[str, str]]:
    for name in ("device", "processor", "precision", "numerics", "encoder_fingerprint"):
        found = {trial.column(name) for trial in results.trials.values()} - {None}
        if found:
            yield name.replace("_", " "), ", ".join(sorted(map(str, found)))


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """Return each value under its dotted key; an empty section is a value."""
    found: dict[str, object] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{above}{key}.")
        else:
            found[f"{above}{key}"] = value
    return found
