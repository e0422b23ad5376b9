import os

import pyarrow as pa
import pytest
from pyarrow import parquet

from reports.ledger.parts import read_parts
from reports.ledger.schema import EPOCHS, ESSENTIAL, ROLES, SCHEMAS, TRIALS
from tests.reports.ledger_builder import LedgerBuilder


@pytest.fixture
def builder(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.trial("a")
    return builder


def test_all_parts_of_a_table_are_read(builder):
    rows = builder.rows["trials"]
    builder.part("trials", "one", rows)
    builder.part("trials", "two", [{**rows[0], "key": "b"}])
    parts = read_parts(builder.folder, "trials")
    assert parts.rows["key"].to_pylist() == ["a", "b"]
    assert parts.rows.schema == TRIALS


def test_a_table_without_parts_is_empty(tmp_path):
    assert read_parts(tmp_path, "roles").rows == ROLES.empty_table()


def test_a_column_that_an_older_part_lacks_is_filled_with_nulls(builder):
    path = builder.part("trials", "old", builder.rows["trials"])
    whole = parquet.read_table(path)
    older = whole.drop_columns(["test_acc7", "peak_memory_mib"])
    parquet.write_table(older.append_column("of_the_future", pa.array([1])), path)
    rows = read_parts(builder.folder, "trials").rows
    assert rows.schema == TRIALS
    assert rows["test_acc7"].to_pylist() == [None]
    assert rows["test_mae"].to_pylist() == [1.0]


def test_epochs_of_a_run_before_label_truth_was_recorded_are_read_with_nulls(builder):
    epoch = {"key": "a", "epoch": 1, "valid_mae": 0.5, "label_truth_T": 0.9, "human_truth_T": 0.8}
    path = builder.part("epochs", "old", [epoch])
    whole = parquet.read_table(path)
    later = [name for name in whole.column_names if "_truth_" in name]
    assert len(later) == 6
    parquet.write_table(whole.drop_columns(later), path)
    rows = read_parts(builder.folder, "epochs").rows
    assert rows.schema == EPOCHS
    assert rows.select(later).to_pylist() == [dict.fromkeys(later)]
    assert rows["valid_mae"].to_pylist() == [0.5]


def test_a_narrower_type_of_an_older_part_is_widened(builder):
    path = builder.part("trials", "old", builder.rows["trials"])
    whole = parquet.read_table(path)
    place = whole.schema.get_field_index("seed")
    narrow = whole.set_column(place, "seed", whole["seed"].cast(pa.int16()))
    parquet.write_table(narrow, path)
    assert read_parts(builder.folder, "trials").rows["seed"].to_pylist() == [1110]


@pytest.mark.parametrize("kept", [0, 3, 200])
def test_a_damaged_part_is_named_and_left_where_it_is(builder, kept):
    builder.part("trials", "good", builder.rows["trials"])
    bad = builder.part("trials", "bad", builder.rows["trials"])
    bad.write_bytes(bad.read_bytes()[:kept])
    parts = read_parts(builder.folder, "trials")
    assert parts.rows["key"].to_pylist() == ["a"]
    assert len(parts.damaged) == 1
    assert parts.damaged[0].startswith("trials/bad.parquet: ")
    assert not parts.damaged[0].endswith(".")
    assert bad.exists()


def test_a_part_with_a_text_that_is_none_is_damaged(builder):
    bad = builder.part("trials", "bad", [{**builder.rows["trials"][0], "node": "a node's name"}])
    parquet.write_table(parquet.read_table(bad), bad)  # by a tool that writes no checksums
    bad.write_bytes(bad.read_bytes().replace(b"a node's name", b"\xff node's name"))
    parts = read_parts(builder.folder, "trials")
    assert len(parts.rows) == 0
    assert "UTF8" in parts.damaged[0]


@pytest.mark.parametrize("table", SCHEMAS)
def test_a_part_without_a_column_that_all_stands_on_is_damaged(builder, table):
    for name in ESSENTIAL[table]:
        whole = SCHEMAS[table].empty_table()
        path = builder.part(table, "bad", [])
        parquet.write_table(whole.drop_columns([name]), path)
        for keys in (None, ["a"]):
            parts = read_parts(builder.folder, table, keys=keys)
            assert parts.damaged == (f"{table}/bad.parquet: lacks the column {name}",)


def test_a_folder_that_may_not_be_listed_is_named(builder, monkeypatch):
    builder.part("trials", "good", builder.rows["trials"])

    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(type(builder.folder), "iterdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)  # pathlib's glob is silent about it
    assert read_parts(builder.folder, "trials").damaged == ("trials: Permission denied",)


def test_a_part_merged_away_meanwhile_is_found_in_its_successor(builder, monkeypatch):
    old = builder.part("trials", "a-old", builder.rows["trials"])
    read = type(old).read_bytes

    def merge_first(path):
        if old.exists():
            old.rename(old.with_name("merged.parquet"))
        return read(path)

    monkeypatch.setattr(type(old), "read_bytes", merge_first)
    parts = read_parts(builder.folder, "trials")
    assert parts.rows["key"].to_pylist() == ["a"]
    assert parts.damaged == ()
