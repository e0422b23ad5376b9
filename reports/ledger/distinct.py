"""Leaving out repeated rows of a table.

A merge of parts that was cut short leaves rows in two parts; they are read once. Utterances may
share an id too (feature files do), and none of their predictions may be left out. A trial writes
the predictions of a split as one block in the order of the split, which no merge divides, so whole
blocks are compared.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from reports.ledger.part import Part

_IDENTITY = {
    "epochs": ["key", "epoch"],
    "labels": ["key", "epoch", "task"],
    "predictions": ["key", "split", "id"],
    "utterances": ["data_fingerprint", "alignment", "split", "position"],
}
"""Table -> the columns that identify a row; in ``predictions`` ids may repeat."""
_UNNAMED = "(no id)"


def distinct_rows(table: str, parts: Sequence["Part"]) -> pa.Table:
    """Return the rows of at least one part, each once; of repeated rows the last."""
    rows = pa.concat_tables([part.rows for part in parts])
    numbered = rows.append_column("row", pa.array(range(len(rows)), pa.int64()))
    groups = numbered.group_by(_IDENTITY[table]).aggregate([("row", "max"), ([], "count_all")])
    if len(groups) == len(rows):
        return rows
    if table != "predictions":
        return rows.take(groups["row_max"].sort())
    several = groups.filter(pc.greater(groups["count_all"], pa.scalar(1)))
    repeated = pa.array(set(several["key"].to_pylist()), pa.string())
    affected = pc.is_in(rows["key"], value_set=repeated)
    others = rows.filter(pc.invert(affected))
    return pa.concat_tables([others, *_last_blocks(parts, repeated)])


def distinct_names(names: Sequence[str | None]) -> list[str]:
    """Return the names, repeated ones with ``#2``, ``#3`` ... appended.

    ``sugrm.data.names`` does the same for a corpus; neither package imports the other.

    >>> distinct_names(["a", "b", "a", "a#2", "a"])
    ['a', 'b', 'a#3', 'a#2', 'a#4']
    """
    plain = [_UNNAMED if name is None else name for name in names]
    taken, numbers, found = set(plain), dict[str, int](), []
    for name in plain:
        number = numbers.get(name, 0) + 1
        while number > 1 and f"{name}#{number}" in taken:
            number += 1
        numbers[name] = number
        found.append(name if number == 1 else f"{name}#{number}")
    return found


def _last_blocks(parts: Sequence["Part"], keys: "pa.Array[Any]") -> list[pa.Table]:
    """Return the predictions of each of these trials and each split, from the last part."""
    blocks: dict[tuple[Any, Any], pa.Table] = {}
    for part in parts:
        held = part.rows.filter(pc.is_in(part.rows["key"], value_set=keys))
        numbered = held.append_column("row", pa.array(range(len(held)), pa.int64()))
        # One thread keeps the rows of a group in their order.
        groups = numbered.group_by(["key", "split"], use_threads=False)
        for group in groups.aggregate([("row", "list")]).to_batches():
            names = zip(group["key"].to_pylist(), group["split"].to_pylist(), strict=True)
            for pair, rows in zip(names, group["row_list"], strict=True):
                block = _rows_at(held, rows.values)
                blocks[pair] = _without_copies(block) if part.is_merged else block
    return [_named(block) for block in blocks.values()]


def _rows_at(rows: pa.Table, places: "pa.Array[Any]") -> pa.Table:
    """Return the rows at ascending places; adjacent rows as a slice, which copies nothing."""
    first, last = places[0].as_py(), places[-1].as_py()
    is_run = last - first + 1 == len(places)
    return rows.slice(first, len(places)) if is_run else rows.take(places)


def _without_copies(block: pa.Table) -> pa.Table:
    """Return the first of several equal blocks, which two merges that were cut short leave."""
    bits = pa.table([_comparable(column) for column in block.columns], block.column_names)
    count = len(block)
    for length in range(1, count // 2 + 1):
        # Equal blocks of this length: shifted by one of them, the rows are the same.
        if count % length == 0 and bits.slice(length).equals(bits.slice(0, count - length)):
            return block.slice(0, length)
    return block


def _comparable(column: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """Return floating-point numbers as their bits, since a NaN is not equal to itself."""
    values = pa.concat_arrays(column.chunks)
    if not pa.types.is_floating(values.type):
        return values
    return values.view(pa.int64() if values.type.bit_width == 64 else pa.int32())


def _named(block: pa.Table) -> pa.Table:
    place = block.schema.get_field_index("id")
    names = distinct_names(block["id"].to_pylist())
    return block.set_column(place, block.schema.field("id"), pa.array(names, pa.string()))
