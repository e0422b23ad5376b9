"""Parts of a table and their merges."""

import pyarrow as pa
import pytest

from reports.ledger import part as part_reader
from reports.ledger.part import DamagedPartError
from search.ledger.part_folder import PartFolder

SCHEMA = pa.schema([("key", pa.string()), ("value", pa.int64())])


@pytest.fixture
def parts(tmp_path):
    return PartFolder(tmp_path / "table", SCHEMA)


def fill(parts, first, last):
    for number in range(first, last):
        parts.write(f"k{number:03}", [{"key": f"k{number:03}", "value": number}])
        parts.merge(at_least=4)


def keys(parts):
    return sorted(parts.read_all(["key"])["key"].to_pylist())


def test_merges_lose_no_row_and_repeat_none(parts):
    fill(parts, 0, 53)
    assert keys(parts) == [f"k{number:03}" for number in range(53)]


def test_merged_parts_are_merged_again_only_with_as_many_of_their_own_size(parts):
    fill(parts, 0, 53)  # 53 = 3 * 16 + 1 * 4 + 1
    tiers = sorted(path.name.split("-")[1] for path in parts.paths() if "merged" in path.name)
    assert tiers == ["1", "2", "2", "2"]


def test_parts_of_another_process_are_merged_with_ones_own(parts):
    fill(parts, 0, 3)
    fill(PartFolder(parts.folder, SCHEMA), 3, 9)
    assert keys(parts) == [f"k{number:03}" for number in range(9)]


def test_a_row_written_again_before_a_merge_is_the_later_one(parts):
    parts.merge(at_least=2)  # from here on it knows what it wrote
    for value in (1, 2):
        parts.write("same", [{"key": "same", "value": value}])
    parts.write("other", [{"key": "other", "value": 3}])
    parts.merge(at_least=2)
    assert sorted(parts.read_all()["value"].to_pylist()) == [2, 3]


def test_a_merge_reads_each_part_once(parts, monkeypatch):
    fill(parts, 0, 3)
    read, opened = part_reader.has_checksum, []
    monkeypatch.setattr(
        part_reader, "has_checksum", lambda content: opened.append(content) or read(content)
    )
    PartFolder(parts.folder, SCHEMA).merge(at_least=2)
    assert len(opened) == 3


def test_a_part_that_was_written_again_is_checked_again(parts):
    parts.write("same", [{"key": "same", "value": 1}])
    parts.read_all()
    parts.write("same", [{"key": "same", "value": 2}])
    content = bytearray(parts.path("same").read_bytes())
    content[-30] ^= 1
    parts.path("same").write_bytes(content)
    assert len(parts.read_all()) == 0
    assert parts.damaged


def test_a_merge_checks_a_part_that_was_read_before(parts):
    """It writes the rows under a new checksum, which would hide damage since the first read."""
    fill(parts, 0, 2)
    opened = PartFolder(parts.folder, SCHEMA)
    opened.read_all()
    content = bytearray(parts.path("k000").read_bytes())
    content[-30] ^= 1
    parts.path("k000").write_bytes(content)
    with pytest.raises(DamagedPartError, match="its checksum does not match"):
        opened.merge(at_least=2)
