"""Rules for the rows of a table; a part that breaks one is damaged."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger.json_file import parse_json
from reports.ledger.schema import PHASES, STATUSES
from reports.ledger.shape import Shape, mismatch

NEEDED: Mapping[str, tuple[str, ...]] = {
    "trials": ("key", "status", "seed"),
    "roles": ("phase", "seed", "key"),
    "epochs": ("key", "epoch"),
    "labels": ("key", "epoch", "task"),
    "predictions": ("key", "split"),
    "utterances": ("data_fingerprint", "alignment", "split", "position"),
}
"""Table -> columns that must not be null."""
_VALUES = {("trials", "status"): STATUSES, ("roles", "phase"): PHASES}
_JSON: Mapping[tuple[str, str], Shape] = {
    ("trials", "config"): {
        "alignment": str,
        "model": {"name": str, "text": {"name": str}, "encoder": {"name": str}},
        "training": {},
        "objective": {"labels": {"name": str}, "tasks": [str]},
    },
    ("roles", "changes"): {},
}
_COUNT = (0, 2**31 - 1)
_RANGES: Mapping[tuple[str, str], tuple[float, float]] = {
    ("trials", "seconds"): (-1e10, 1e10),  # other values, and NaN, overflow dates
    ("trials", "epochs"): _COUNT,
    ("roles", "number"): _COUNT,
    ("epochs", "epoch"): _COUNT,
    ("labels", "epoch"): _COUNT,
    ("utterances", "position"): _COUNT,
}
_YEARS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


def problem_in(table: str, rows: pa.Table) -> str | None:
    """Return which rule the rows of a table break, None where they break none.

    Args:
        table: the name of the table; a table that is not in ``reports.ledger.schema`` has no rules.
        rows: the rows, with some or all columns of the table.
    """
    for name in rows.column_names:
        problem = _problem(table, name, column=rows[name])
        if problem:
            return f"{name} {problem}"
    return None


def _problem(table: str, name: str, *, column: "pa.ChunkedArray[Any]") -> str | None:
    if name in NEEDED.get(table, ()) and column.null_count:
        return f"is null in {column.null_count} of {len(column)} rows"
    if (table, name) in _VALUES:
        return _odd_value(column, _VALUES[table, name])
    if (table, name) in _JSON:
        return _wrong_json(column, _JSON[table, name])
    if name == "ended_at":
        return _out_of_range(column, (pa.scalar(year, column.type) for year in _YEARS))
    if (table, name) in _RANGES:
        return _out_of_range(column, map(pa.scalar, _RANGES[table, name]))
    return None


def _odd_value(column: "pa.ChunkedArray[Any]", allowed: tuple[str, ...]) -> str | None:
    known = pc.is_in(column, value_set=pa.array(allowed, pa.string()))
    others = column.filter(pc.invert(known))
    if not len(others):
        return None
    return f"is {others[0].as_py()!r:.40}; expected {', '.join(allowed)}"


def _wrong_json(column: "pa.ChunkedArray[Any]", shape: Shape) -> str | None:
    for text in column.to_pylist():
        if not text:
            continue
        try:
            wrong = mismatch(parse_json(text), shape)
        except ValueError as error:
            return f"is no JSON ({error})"
        if wrong:
            return f"is JSON of another form ({wrong})"
    return None


def _out_of_range(column: "pa.ChunkedArray[Any]", limits: Iterable["pa.Scalar[Any]"]) -> str | None:
    low, high = limits
    inside = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))  # false for NaN
    return "is out of range" if pc.any(pc.invert(inside)).as_py() else None
