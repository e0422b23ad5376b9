"""The roles of a run: why each trial was run. One trial may fill several roles."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from reports.ledger.schema import SEARCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Why a trial runs. Two roles are equal if they differ in nothing but ``changes``.

    Attributes:
        phase: ``search``, ``ablation`` or ``confirm``.
        group: the ablation's name, or the key of the search trial that is confirmed.
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


def first_roles(roles: Mapping[Role, str]) -> dict[str, Role]:
    """Return key -> role of lowest number, of each trial of the search among ``roles``."""
    first: dict[str, Role] = {}
    for role, key in roles.items():
        if role.phase == SEARCH and (key not in first or role.number < first[key].number):
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
