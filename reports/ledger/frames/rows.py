"""Which trials a data frame shows, why each of them ran, and what it is called there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reports.ledger.roles import RecordedRole, by_purpose
from reports.ledger.schema import METRICS
from reports.ledger.trials import Trial

_SHORT_KEY = 8  # characters


class Row(NamedTuple):
    """A trial with one of its purposes.

    Attributes:
        name: what the row is called, in no other row of another trial.
        trial: the trial.
        role: its first role for that purpose, None where the ledger has lost it.
    """

    name: str
    trial: Trial
    role: RecordedRole | None


def rows_of(
    trials: Mapping[str, Trial],
    roles: Iterable[RecordedRole],
    *,
    cells: Sequence[tuple[str, str]],
) -> list[Row]:
    """Return each trial once for each purpose, in the order of the plan; those without come last.

    A name is the title of the role; where several trials have it, because the space, its data or
    its code changed, the newest one alone.

    Args:
        trials: the trials that ended, by key.
        roles: the roles of the run.
        cells: ablation and cell of each planned cell, in order.
    """
    ended = [role for role in roles if role.key in trials]
    first = [together[0] for together in by_purpose(ended, cells=cells)]
    newest: dict[str, str] = {}
    for role in sorted(first, key=lambda role: trials[role.key].ended_at):
        newest[role.title] = role.key
    named = [
        Row(_name(role, newest[role.title] == role.key), trials[role.key], role) for role in first
    ]
    return [*named, *_without_roles(trials, known={role.key for role in ended})]


def names_of(rows: Iterable[Row]) -> dict[str, str]:
    """Return key -> name of its first row."""
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row.trial.key, row.name)
    return names


def metrics_in(trials: Iterable[Trial]) -> list[str]:
    """Return the metrics that any trial has, in the order of the ledger; all where none has one."""
    known = {name for trial in trials for name in (*trial.valid, *trial.test)}
    return [name for name in METRICS if name in known] or list(METRICS)


def _name(role: RecordedRole, is_newest: bool) -> str:
    return role.title if is_newest else f"{role.title}, earlier ({role.key[:_SHORT_KEY]})"


def _without_roles(trials: Mapping[str, Trial], *, known: set[str]) -> Iterator[Row]:
    yield from (Row(key, trial, None) for key, trial in trials.items() if key not in known)
