"""Predictions as CSV, JSON lines and Parquet, whole or not at all."""

import contextlib
import csv
import json
import math
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from sugrm.errors import ArgumentError
from sugrm.prediction.predictions import Predictions
from sugrm.types import Split

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["csv", "jsonl", "parquet"]
_ENDINGS: Mapping[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
"""Those of ``TABLE_ENDINGS`` in which predictions are written."""


def format_of(path: Path) -> Format:
    """Return the format that the ending of a file stands for.

    Raises:
        ArgumentError: it stands for none.
    """
    found = _ENDINGS.get(path.suffix.lower())
    if found is None:
        raise ArgumentError(
            f"{path} has the ending {path.suffix or 'none'!r}; expected .csv, .jsonl or .parquet; "
            "or name the format"
        )
    return found


def table_of(found: Mapping[Split, Predictions], *, unimodal: bool = True) -> dict[str, list[Any]]:
    """Return the columns of the predictions of all splits, one split after another.

    With several splits the first column is ``split``. Numbers are Python's, None where a score is
    not defined.

    Args:
        found: split -> its predictions.
        unimodal: whether the scores of single modalities are among the columns.
    """
    tables = {split: each.to_dict(unimodal=unimodal) for split, each in found.items()}
    names = list(dict.fromkeys(name for table in tables.values() for name in table))
    columns: dict[str, list[Any]] = {}
    if len(found) > 1:
        columns["split"] = [str(split) for split, each in found.items() for _ in each.ids]
    for name in names:
        columns[name] = [
            _plain(value)
            for split, table in tables.items()
            for value in table.get(name, [None] * len(found[split]))
        ]
    return columns


def write_text(columns: Mapping[str, list[Any]], stream: TextIO, *, kind: Format) -> None:
    """Write columns as CSV or as JSON lines to a stream."""
    if kind == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(_rows(columns))
        return
    for row in _rows(columns):
        values = dict(zip(columns, row, strict=True))
        stream.write(json.dumps(values, ensure_ascii=False) + "\n")


def write_file(columns: Mapping[str, list[Any]], path: Path, *, kind: Format) -> None:
    """Write columns to a file, whole or not at all; an earlier file of its name is replaced.

    Raises:
        OSError: the file system refuses the file.
    """
    unfinished = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}.tmp")
    try:
        if kind == "parquet":
            _frame(columns).to_parquet(unfinished, index=False)
        else:
            with unfinished.open("w", encoding="utf-8", newline="") as stream:
                write_text(columns, stream, kind=kind)
        os.replace(unfinished, path)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _frame(columns: Mapping[str, list[Any]]) -> "pd.DataFrame":
    import pandas as pd

    kinds = {name: "str" if name in ("split", "id") else "float32" for name in columns}
    return pd.DataFrame(columns).astype(kinds)


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[tuple[Any, ...]]:
    yield from zip(*columns.values(), strict=True)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a name or a number
    """Return a name as it is, a float32 as the shortest number that is read back as it."""
    if value is None or isinstance(value, str):
        return value
    return None if math.isnan(value) else float(str(value))
