"""Parts of a table and their merges."""

import pyarrow as pa
import pytest

from search.ledger.parts import PartFolder

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
