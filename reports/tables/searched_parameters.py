"""The searched parameters: their order, their scales, the values of a trial."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.ledger.reading.load import Results
from reports.ledger.trials import ABSENT, effective_value
from reports.results.parameter_importance import read_importance
from reports.results.search_entries import Entry
from reports.tables.leaderboard import parameters, titles


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A searched parameter.

    Attributes:
        name: its dotted option.
        title: its title in figures.
        log: whether the search sampled its logarithm.
        choices: its values if it is not a number on a scale, in the order of the space.
        ends: lowest and highest value that the space allows; None if it has choices.
    """

    name: str
    title: str
    log: bool = False
    choices: tuple[Any, ...] = ()
    ends: tuple[float, float] | None = None

    @property
    def categories(self) -> tuple[str, ...]:
        """Return its choices as text."""
        return tuple(map(value_text, self.choices))

    def place(self, value: object) -> float | None:
        """Return ``value`` or its number among the choices; None if it has no place."""
        if self.choices:
            return next((float(at) for at, each in enumerate(self.choices) if each == value), None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if value > 0 or not self.log else None


def searched_parameters(results: Results, entries: Sequence[Entry]) -> tuple[Parameter, ...]:
    """Return the parameters, the most important first where importance is known."""
    names = parameters(results, entries)
    shown = dict(zip(names, titles(names), strict=True))
    importance = read_importance(results)
    shares = {} if importance is None else {p.name: p.share or 0.0 for p in importance.parameters}
    space = (results.experiment.space.get("search") or {}).get("parameters") or {}
    return tuple(
        _parameter(name, shown[name], given=space.get(name) or {}, entries=entries)
        for name in sorted(names, key=lambda name: -shares.get(name, -1.0))
    )


def _parameter(
    name: str, title: str, *, given: Mapping[str, Any], entries: Sequence[Entry]
) -> Parameter:
    if "low" in given and "high" in given:
        ends = (float(given["low"]), float(given["high"]))
        return Parameter(name=name, title=title, log=bool(given.get("log")), ends=ends)
    if "choice" in given:
        return Parameter(name=name, title=title, choices=tuple(given["choice"]))
    # Only an older version of the space searched it, so only its recorded values are known.
    values = [entry.changes[name] for entry in entries if name in entry.changes]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return Parameter(name=name, title=title, ends=(min(values), max(values)))
    distinct = {value_text(value): value for value in values}
    return Parameter(name=name, title=title, choices=tuple(distinct.values()))


def value_text(value: object) -> str:
    """Return a value as text.

    >>> value_text(0.00038907209), value_text("spt"), value_text([1, 2])
    ('0.0003891', 'spt', '[1, 2]')
    """
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def values_of(results: Results, entry: Entry, *, chosen: Sequence[Parameter]) -> dict[str, Any]:
    """Return the values of a trial: suggested ones, else fixed ones that had an effect.

    A configuration is recorded without options that a later version added while they are null.
    """
    found = {p.name: entry.changes[p.name] for p in chosen if p.name in entry.changes}
    absent = [parameter for parameter in chosen if parameter.name not in found]
    if absent:
        config = json.loads(entry.trial.config)
        for parameter in absent:
            name, may_be_null = parameter.name, None in parameter.choices
            condition = results.experiment.condition(name)
            default = None if may_be_null else ABSENT
            value = effective_value(config, name, condition=condition, default=default)
            if value is not ABSENT:
                found[name] = value
    return found
