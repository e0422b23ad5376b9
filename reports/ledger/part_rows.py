"""The rows of an open part: those of some trials, in the columns of a schema."""

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet


def read_rows(
    file: parquet.ParquetFile, schema: pa.Schema, *, keys: Collection[str] | None
) -> pa.Table:
    """Return the rows in the columns of ``schema``; columns that the file lacks are null.

    Args:
        file: an open part.
        schema: the columns to read.
        keys: the trials whose rows are read, all when None.
    """
    present = set(file.schema_arrow.names)
    names = [name for name in schema.names if name in present]
    return _fit(_read(file, names, keys=keys), schema)


def _read(file: parquet.ParquetFile, names: list[str], *, keys: Collection[str] | None) -> pa.Table:
    if keys is None:
        return file.read(columns=names, use_threads=False)
    wanted = pa.array(sorted(keys), pa.string())
    groups = [
        _group(file, number, names=names, keys=wanted) for number in range(file.num_row_groups)
    ]
    found = [group for group in groups if group is not None]
    if found:
        return pa.concat_tables(found)
    return file.schema_arrow.empty_table().select(names)


def _group(
    file: parquet.ParquetFile, number: int, *, names: list[str], keys: "pa.Array[Any]"
) -> pa.Table | None:
    """Return the rows of these trials in a row group, None where it has none.

    Without such rows only the keys are read, since the labels of a long search fill gigabytes.
    """
    held = file.read_row_group(number, columns=["key"], use_threads=False)["key"]
    if held.null_count:
        raise pa.ArrowInvalid(f"key is null in {held.null_count} of {len(held)} rows")
    wanted = pc.is_in(held.cast(pa.string()), value_set=keys)
    if not pc.any(wanted).as_py():
        return None
    return file.read_row_group(number, columns=names, use_threads=False).filter(wanted)


def _fit(part: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return ``part`` in the columns of ``schema``; columns that it lacks are null."""
    present = set(part.column_names)
    columns = [
        part.column(field.name).cast(field.type)
        if field.name in present
        else pa.nulls(len(part), field.type)
        for field in schema
    ]
    fitted = pa.table(columns, schema=schema)
    fitted.validate(full=True)  # finds a flipped bit in a text
    return fitted
