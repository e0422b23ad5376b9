"""Columns of nested lists in Parquet and Arrow files: the features of each row."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sugrm.data.tables.columns import plain_name
from sugrm.data.tables.frame_columns import NAMES
from sugrm.errors import DataError

_FACTOR, _SLACK = 20, 2**28  # a file of n bytes unpacks to at most _FACTOR * n + _SLACK bytes


def holds_frames(field: "pa.Field[Any]") -> bool:
    """Return whether a column has the name of features and holds lists of lists of numbers."""
    rows = _inner(field.type) if _is_named(field) else None
    numbers = None if rows is None else _inner(rows)
    return numbers is not None and pa.types.is_primitive(numbers)


def holds_other(field: "pa.Field[Any]") -> bool:
    """Return whether a column has the name of features and holds structures, as audio files."""
    return _is_named(field) and pa.types.is_nested(field.type) and not holds_frames(field)


def frames_of(column: "pa.Array[Any]") -> list[Any]:
    """Return [T, D] of each row, None where it has none; nested lists where rows are unequal."""
    return [_frames(column[row]) for row in range(len(column))]


def check_size(path: Path, unpacked: int) -> None:
    """Refuse features that take far more memory than their file has bytes.

    Raises:
        DataError: they do.
    """
    size = path.stat().st_size
    if unpacked > _FACTOR * size + _SLACK:
        raise DataError(
            f"{path}: the features in a file of {size} bytes unpack to {unpacked}; expected at "
            f"most {_FACTOR} times its size: leave the padding out, or write it uncompressed"
        )


def _is_named(field: "pa.Field[Any]") -> bool:
    return plain_name(field.name) in NAMES.values()


def _inner(kind: pa.DataType) -> pa.DataType | None:
    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return kind.value_type if any(test(kind) for test in tests) else None  # type: ignore[attr-defined]


def _frames(row: Any) -> Any:  # noqa: ANN401 - a scalar of lists; pyarrow has no type for it
    steps = row.values
    if steps is None:
        return None
    values, widths = steps.flatten(), pc.list_value_length(steps)
    if steps.null_count or values.null_count or len(pc.unique(widths)) > 1:
        return row.as_py()
    return values.to_numpy(zero_copy_only=False).reshape(len(steps), -1) if len(values) else []
