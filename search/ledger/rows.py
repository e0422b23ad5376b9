"""A trial that has ended, and its rows in the tables of ``reports.ledger.schema``."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports.ledger import schema

if TYPE_CHECKING:
    import numpy as np

    from reports.ledger.roles import Role

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTrial:
    """A trial that ended, as it is written to the ledger.

    Attributes:
        columns: column of ``schema.TRIALS`` -> value; an absent column is null.
        epochs: column of ``schema.EPOCHS`` -> value, for each epoch in order.
        labels: epoch -> task letter -> [N] generated labels of the training split.
        predictions: split -> task letter (and ``id``, ``label``) -> [N] values.
    """

    columns: Row
    epochs: Sequence[Row] = ()
    labels: "Mapping[int, Mapping[str, np.ndarray]]" = field(default_factory=dict)
    predictions: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the trial's key."""
        return str(self.columns["key"])


def generates_labels(config: str | None) -> bool:
    """Return whether a trial of this configuration (JSON) records generated labels."""
    objective = json.loads(config or "{}").get("objective") or {}
    generator = (objective.get("labels") or {}).get("name") or "none"
    return generator != "none" and len(objective.get("tasks") or ()) > 1


def trial_rows(trial: EndedTrial, ended_at: datetime) -> list[Row]:
    """Return the one row of ``trials``."""
    return [{**trial.columns, "ended_at": ended_at, "schema_version": schema.SCHEMA_VERSION}]


def role_stem(role: "Role", key: str) -> str:
    """Return the name of the part that holds the role of the trial ``key``, without its suffix."""
    text = json.dumps([role.phase, role.group, role.cell, role.number, role.seed, key])
    return f"{role.phase}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def role_rows(role: "Role", key: str) -> list[Row]:
    """Return the one row of ``roles``."""
    return [
        {
            "phase": role.phase,
            "group": role.group,
            "cell": role.cell,
            "number": role.number,
            "seed": role.seed,
            "key": key,
            "changes": json.dumps(dict(role.changes), sort_keys=True),
            "schema_version": schema.SCHEMA_VERSION,
        }
    ]


def epoch_rows(trial: EndedTrial) -> list[Row]:
    """Return the rows of ``epochs``."""
    return [
        {**epoch, "key": trial.key, "schema_version": schema.SCHEMA_VERSION}
        for epoch in trial.epochs
    ]


def label_rows(trial: EndedTrial) -> list[Row]:
    """Return the rows of ``labels``."""
    return [
        {
            "key": trial.key,
            "epoch": epoch,
            "task": task,
            "labels": values,
            "schema_version": schema.SCHEMA_VERSION,
        }
        for epoch, tasks in sorted(trial.labels.items())
        for task, values in sorted(tasks.items())
    ]


def prediction_rows(trial: EndedTrial) -> list[Row]:
    """Return the rows of ``predictions``."""
    rows: list[Row] = []
    for split, columns in sorted(trial.predictions.items()):
        names = [name if name in ("id", "label") else f"prediction_{name}" for name in columns]
        shared = {"key": trial.key, "split": split, "schema_version": schema.SCHEMA_VERSION}
        rows += [
            {**shared, **dict(zip(names, values, strict=True))}
            for values in zip(*columns.values(), strict=True)
        ]
    return rows
