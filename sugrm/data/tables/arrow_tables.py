"""Tables in Parquet and Arrow files; the latter also as the streams of Hugging Face's datasets."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sugrm.data.reading.opening import Kind
from sugrm.data.reading.problems import shown
from sugrm.data.tables.arrow_frames import check_size, frames_of, holds_frames, holds_other
from sugrm.data.tables.table import Keep, Table
from sugrm.errors import DataError

_MOST_BYTES = 2 * 2**30  # that the values of the columns take as objects
_OBJECT = 64  # bytes of a number or an empty text in a list
_BATCH = 128  # rows of a Parquet file that are unpacked at once
_FILE_MARK = b"ARROW1"


def read_arrow(path: Path, kind: Kind, *, keep: Keep) -> Table:
    """Return the table in a Parquet or an Arrow file.

    Raises:
        DataError: the file is damaged, far larger than a table of texts and labels, or has other
            values than texts and numbers in a column that is read.
    """
    try:
        schema, batches = _opened(path, kind, keep=keep)
        names = _names(schema, keep)
        _check_types(path, schema, names=names)
        columns: dict[str, list[Any]] = {name: [] for name in names}
        frames = [name for name in names if holds_frames(schema.field(name))]
        size = frames_size = 0
        for batch in batches:
            batch.validate(full=True)
            size += sum(_unpacked_bytes(batch.column(name)) for name in names if name not in frames)
            if size > _MOST_BYTES:
                raise DataError(
                    f"{path}: {kind} whose texts and labels take more than 2 GiB; expected a "
                    "table of utterances: shorten or split it"
                )
            frames_size += sum(batch.column(name).nbytes for name in frames)
            check_size(path, frames_size)
            for name in names:
                column = batch.column(name)
                columns[name] += frames_of(column) if name in frames else column.to_pylist()
    except DataError:
        raise
    except Exception as error:  # a damaged file raises almost any class
        said = " ".join(str(error).split())
        raise DataError(
            f"{path}: not a whole file of its kind, {kind} ({said[:200]}); download or write it "
            "again"
        ) from error
    rows = len(next(iter(columns.values()), ()))
    classes = _classes(schema.metadata or {})
    return Table(
        path=path, names=schema.names, columns=columns, rows=range(1, rows + 1), classes=classes
    )


def _names(schema: pa.Schema, keep: Keep) -> list[str]:
    """Return the names of the columns that are read."""
    return [field.name for field in schema if keep(field.name) and not holds_other(field)]


def _check_types(path: Path, schema: pa.Schema, *, names: Sequence[str]) -> None:
    for name in names:
        kind = schema.field(name).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        is_known = _is_text(plain) or pa.types.is_primitive(plain) or pa.types.is_null(plain)
        if not (is_known or holds_frames(schema.field(name))):
            raise DataError(
                f"{path}: the column {shown(name)} holds {str(kind)[:80]}; expected texts or "
                "numbers: convert it before the file is written"
            )


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    return any(test(kind) for test in (*tests, pa.types.is_large_binary))


def _unpacked_bytes(column: "pa.Array[Any]") -> int:
    """Return a bound of what the values take as objects, each repeated text counted anew.

    The buffers tell nothing: a column of nulls has none, a dictionary holds each text once.
    """
    size = len(column) * _OBJECT
    texts: Any = column.dictionary if isinstance(column, pa.DictionaryArray) else column
    if not _is_text(texts.type):
        return size
    lengths = pc.binary_length(texts)
    if texts is column:
        return size + int(pc.sum(lengths).as_py() or 0)
    return size + len(column) * int(pc.max(lengths).as_py() or 0)


def _opened(path: Path, kind: Kind, *, keep: Keep) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return the schema and the batches of the columns that are kept."""
    if kind is Kind.PARQUET:
        file = pq.ParquetFile(path)
        names = _names(file.schema_arrow, keep)
        return file.schema_arrow, file.iter_batches(batch_size=_BATCH, columns=names)
    source = pa.memory_map(str(path))
    is_file = source.read(len(_FILE_MARK)) == _FILE_MARK
    source.seek(0)
    reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
    names = _names(reader.schema, keep)
    return reader.schema, (batch.select(names) for batch in _batches(reader))


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401 - either reader of pyarrow
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        return (reader.get_batch(place) for place in range(reader.num_record_batches))
    return iter(reader)


def _classes(metadata: Mapping[bytes, bytes]) -> dict[str, Sequence[str]]:
    """Return the names of classes that Hugging Face's datasets write beside the columns."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return {
            name: [str(each) for each in feature["names"]]
            for name, feature in features.items()
            if feature.get("_type") == "ClassLabel"
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
