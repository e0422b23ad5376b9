"""Flipped bits: every table, small parts as a whole, large ones by their pages."""

import random
from contextlib import suppress
from io import BytesIO

import pyarrow as pa
import pytest
from pyarrow import parquet

from reports.ledger import part as part_reader
from reports.ledger.checksums import add_checksum, has_checksum, stream_has_checksum
from reports.ledger.part import DamagedPartError, read_part
from reports.ledger.schema import SCHEMAS
from search.ledger.part_folder import PartFolder

FLIPS = 100
VALUES = {
    "trials": {"status": "finished", "seed": 1, "config": '{"training": {"width": 8}}'},
    "roles": {"phase": "search", "seed": 1, "number": 4, "changes": '{"training.width": 8}'},
    "epochs": {"epoch": 3, "seconds": 1.5, "valid_mae": 0.75},
    "labels": {"epoch": 3, "task": "A", "labels": [0.25, -1.5, 3.0] * 20},
    "predictions": {"split": "test", "id": "u1", "label": 1.5, "prediction_M": 0.125},
    "utterances": {"data_fingerprint": "d0", "alignment": "aligned", "split": "test"},
}


@pytest.fixture(params=SCHEMAS)
def written(request, tmp_path):
    """Return a part of 30 rows of each table, as a run writes it."""
    table = PartFolder(tmp_path / request.param, SCHEMAS[request.param])
    row = VALUES[request.param]
    table.write("one", [{"key": f"k{n}", "position": n, **row} for n in range(30)])
    return table


def other_values(table, seed):
    """Return how many of ``FLIPS`` flipped bits are read as other values."""
    path = table.path("one")
    content, rows = path.read_bytes(), table.read(path)
    draw = random.Random(seed)
    others = damaged = 0
    for _ in range(FLIPS):
        flipped = bytearray(content)
        flipped[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        try:
            others += read_part(path, table.schema).rows != rows
        except DamagedPartError:
            damaged += 1
    assert damaged
    return others


def test_no_flipped_bit_is_read_as_another_value(written):
    assert other_values(written, seed=1) == 0


@pytest.mark.slow
def test_in_a_part_that_is_checked_by_its_pages_alone_few_flips_pass(written, monkeypatch):
    """The checksums of pages do not cover the bytes outside the pages."""
    monkeypatch.setattr(part_reader, "WHOLE_BYTES", 0)
    assert other_values(written, seed=2) <= FLIPS // 20


def test_a_part_with_a_checksum_is_plain_parquet(written):
    path = written.path("one")
    assert has_checksum(path.read_bytes())
    assert parquet.read_table(path) == written.read(path)


@pytest.mark.parametrize("metadata", [None, {"sugrm.unguarded": "0"}])
def test_a_part_that_another_tool_wrote_anew_is_read_and_has_no_checksum(written, metadata):
    """Some tools copy the metadata, others do not."""
    path = written.path("one")
    rows = written.read(path)
    parquet.write_table(parquet.read_table(path).replace_schema_metadata(metadata), path)
    assert not has_checksum(path.read_bytes())
    found = read_part(path, written.schema)
    assert found.rows == rows
    assert found.without_checksum == 1


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\xff" * 12, b"PAR1" + b"\xff" * 4 + b"PAR1"])
def test_what_is_no_parquet_has_no_checksum(content):
    assert not has_checksum(content)
    assert not stream_has_checksum(BytesIO(content))


def test_a_merge_counts_the_older_parts_that_it_was_made_of(tmp_path):
    """What they held may have been damaged before, so the count outlives them."""
    table = PartFolder(tmp_path / "epochs", SCHEMAS["epochs"])
    for number in range(4):
        table.write(f"k{number}", [{"key": f"k{number}", "epoch": 1}])
    for number in range(2):
        path = table.path(f"k{number}")
        parquet.write_table(pa.table(parquet.read_table(path)), path)
    table.replace(table.paths(), iter([table.read(path) for path in table.paths()]))
    (merged,) = table.paths()
    assert has_checksum(merged.read_bytes())
    assert read_part(merged, table.schema).without_checksum == 2
    table.write("k4", [{"key": "k4", "epoch": 1}])
    table.replace(table.paths(), iter([table.read(path) for path in table.paths()]))
    assert table.read_parts().without_checksum == 2


def test_the_checksum_covers_files_larger_than_one_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr("reports.ledger.checksums._CHUNK", 100)
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"a": list(range(1000))}), path)
    add_checksum(path)
    assert has_checksum(path.read_bytes())


@pytest.mark.parametrize("whole_bytes", [0, 2**20])
def test_a_flipped_bit_in_the_mark_of_the_checksum_does_not_make_a_part_look_old(
    written, monkeypatch, whole_bytes
):
    monkeypatch.setattr(part_reader, "WHOLE_BYTES", whole_bytes)
    path = written.path("one")
    content = path.read_bytes()
    first = content.index(b"sugrm-crc32:")
    for place in range(first, first + 20):
        flipped = bytearray(content)
        flipped[place] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(DamagedPartError, match="checksum"):
            written.check(path, None)


def test_a_stream_is_compared_with_its_checksum_as_a_whole_file_is(written, monkeypatch):
    monkeypatch.setattr("reports.ledger.checksums._CHUNK", 100)
    path = written.path("one")
    content = path.read_bytes()
    assert stream_has_checksum(BytesIO(content))
    for place in range(0, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 1
        with suppress(pa.ArrowInvalid):  # in the mark or the length of the footer: none is found
            assert not stream_has_checksum(BytesIO(flipped))
