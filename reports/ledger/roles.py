"""The roles of a run: why each trial was run. One trial may fill several roles."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from reports.ledger.schema import CONFIRM, PHASES, SEARCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Why a trial runs. Two roles are equal if they differ in nothing but ``changes``.

    Attributes:
        phase: ``search``, ``ablation`` or ``confirm``.
        group: the ablation's name, or the key of the search trial that is confirmed; for a trial
            of the search with another seed than the first, the key of the trial with the first one.
        cell: the ablation's cell, "" otherwise.
        number: the number of the suggestion, or the rank of the confirmed configuration, from 0.
        seed: the trial's seed.
        changes: dotted option -> value over the fixed values of the space.
    """

    phase: str
    group: str = ""
    cell: str = ""
    number: int = 0
    seed: int
    changes: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def leads(self) -> bool:
        """Return whether this is a suggestion of the search, with the first of its seeds."""
        return self.phase == SEARCH and not self.group

    @property
    def title(self) -> str:
        """Return a short title for people: ``search 12``, ``modules/remove MRM seed 1111``.

        Confirmed configurations count from 1, as in the report.
        """
        if self.phase == SEARCH:
            return f"search {self.number}" + (f" seed {self.seed}" if self.group else "")
        if self.phase == CONFIRM:
            return f"confirm {self.number + 1} seed {self.seed}"
        return f"{self.group}/{self.cell} seed {self.seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRole(Role):
    """A role that the ledger holds.

    Attributes:
        key: the key of the trial that fills it.
    """

    key: str


def recorded_roles(rows: pa.Table) -> tuple[RecordedRole, ...]:
    """Return the role of each row of ``roles``, equal ones once."""
    found: dict[RecordedRole, RecordedRole] = {}
    for row in rows.to_pylist():
        role = RecordedRole(key=row["key"], **_values(row))
        found.setdefault(role, role)
    return tuple(found)


def keys_by_role(rows: pa.Table) -> dict[Role, str]:
    """Return role -> key of its trial; of several rows of a role the last one counts."""
    return {Role(**_values(row)): row["key"] for row in rows.to_pylist()}


def by_purpose(
    roles: Iterable[RecordedRole], *, cells: Sequence[tuple[str, str]]
) -> list[list[RecordedRole]]:
    """Return the roles that a trial has for one purpose together, in the order of a run's plan.

    Purposes are the search, the confirmation of one configuration, and one cell of an ablation. A
    trial has several roles for one purpose where the search suggested its values again.

    Args:
        roles: the roles of a run.
        cells: ablation and cell of each planned cell, in order.
    """
    purposes: dict[tuple[str, str, str, str], list[RecordedRole]] = {}
    for role in roles:
        purposes.setdefault((role.phase, role.group, role.cell, role.key), []).append(role)
    places = {cell: place for place, cell in enumerate(cells)}

    def order(together: Sequence[RecordedRole]) -> tuple[int, ...]:
        first = together[0]
        place = places.get((first.group, first.cell), len(places))
        return PHASES.index(first.phase), first.number, place, first.seed

    for together in purposes.values():
        together.sort(key=lambda role: role.number)
    return sorted(purposes.values(), key=order)


def first_roles(roles: Mapping[Role, str]) -> dict[str, Role]:
    """Return key -> role of lowest number, of each leading trial of the search among ``roles``."""
    first: dict[str, Role] = {}
    for role, key in roles.items():
        if role.leads and (key not in first or role.number < first[key].number):
            first[key] = role
    return first


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a role; an older row may lack some."""
    return {
        "phase": row["phase"],
        "group": row["group"] or "",
        "cell": row["cell"] or "",
        "number": row["number"] or 0,
        "seed": row["seed"],
        "changes": json.loads(row["changes"] or "{}"),
    }
