"""The trials of a run as a data frame: why each ran, its parameters, its metrics, its costs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports.ledger.frames.columns import TEXT, WHOLE, fitting, typed
from reports.ledger.frames.rows import Row, metrics_in
from reports.ledger.roles import RecordedRole
from reports.ledger.schema import ABLATION, SEARCH
from reports.ledger.trials import ABSENT, UNKNOWN_TIME, effective_value

if TYPE_CHECKING:
    import pandas as pd

Condition = Mapping[str, Sequence[Any]]
"""Other parameter -> values with which a parameter has an effect; empty where it always has."""

_COLUMNS = {
    "epochs": WHOLE,
    "best_epoch": WHOLE,
    "seconds": "float64",
    "seconds_per_epoch": "float64",
    "inference_seconds": "float64",
    "peak_memory_mib": "float64",
    "parameters": WHOLE,
    "trainable_parameters": WHOLE,
    "attempts": WHOLE,
    "alignment": TEXT,
    "model": TEXT,
    "device": TEXT,
    "processor": TEXT,
    "precision": TEXT,
    "node": TEXT,
    "failure": TEXT,
    "message": TEXT,
    "traceback": TEXT,
    "adopted_from": TEXT,
}
"""Columns of ``reports.ledger.schema.TRIALS`` as they are, with their dtypes."""


def trials_frame(
    rows: Sequence[Row], *, conditions: Mapping[str, Condition], search_test_metrics: bool
) -> "pd.DataFrame":
    """Return the frame that ``Results.trials_frame`` describes.

    Args:
        rows: the rows, in order.
        conditions: searched parameter -> its condition.
        search_test_metrics: whether trials of the search show their test metrics.
    """
    import pandas as pd

    roles = [row.role for row in rows]
    with_test = [search_test_metrics or role is None or role.phase != SEARCH for role in roles]
    columns: dict[str, pd.Series[Any]] = {}
    for name, column in (
        *_roles(rows),
        *_parameters(rows, conditions),
        *_metrics(rows, with_test=with_test),
        *_facts(rows),
    ):
        columns.setdefault(name, column)  # a searched alignment is a column already
    return pd.DataFrame(columns)


def _roles(rows: Sequence[Row]) -> "Iterator[tuple[str, pd.Series[Any]]]":
    roles = [row.role for row in rows]
    yield "name", typed([row.name for row in rows], TEXT)
    for column in ("phase", "group", "cell"):
        yield column, typed([role and getattr(role, column) for role in roles], TEXT)
    yield "number", typed([role and _number(role) for role in roles], WHOLE)
    yield "seed", typed([row.trial.seed for row in rows], "int64")
    yield "status", typed([row.trial.status for row in rows], TEXT)


def _number(role: RecordedRole) -> int | None:
    return None if role.phase == ABLATION else role.number


def _parameters(
    rows: Sequence[Row], conditions: Mapping[str, Condition]
) -> "Iterator[tuple[str, pd.Series[Any]]]":
    """Yield the searched parameters: those of the space, then those of its older versions."""
    names = dict.fromkeys(conditions)
    changes = [{} if row.role is None else row.role.changes for row in rows]
    for row, changed in zip(rows, changes, strict=True):
        if row.role is not None and row.role.phase == SEARCH:
            names.update(dict.fromkeys(changed))
    configs = [json.loads(row.trial.config) for row in rows]
    for name in names:
        condition = conditions.get(name, {})
        values = [
            changed.get(name, effective_value(config, name, condition=condition))
            for config, changed in zip(configs, changes, strict=True)
        ]
        yield name, fitting([None if value is ABSENT else value for value in values])


def _metrics(
    rows: Sequence[Row], *, with_test: Sequence[bool]
) -> "Iterator[tuple[str, pd.Series[Any]]]":
    """Yield the metrics that any trial has, on validation and on test."""
    names = metrics_in([row.trial for row in rows])
    for name in names:
        yield f"valid_{name}", typed([row.trial.valid.get(name) for row in rows], "float64")
    shown = zip(rows, with_test, strict=True)
    tests = [row.trial.test if is_shown else {} for row, is_shown in shown]
    for name in names:
        yield f"test_{name}", typed([test.get(name) for test in tests], "float64")


def _facts(rows: Sequence[Row]) -> "Iterator[tuple[str, pd.Series[Any]]]":
    import pandas as pd

    for name, dtype in _COLUMNS.items():
        yield name, typed([row.trial.column(name) for row in rows], dtype)
    times = [_known_time(row.trial.ended_at) for row in rows]
    yield "ended_at", pd.Series(times, dtype="datetime64[us, UTC]")
    changes = [row.role and json.dumps(row.role.changes, ensure_ascii=False) for row in rows]
    yield "changes", typed(changes, TEXT)
    yield "key", typed([row.trial.key for row in rows], TEXT)


def _known_time(time: datetime) -> datetime | None:
    return None if time == UNKNOWN_TIME else time
