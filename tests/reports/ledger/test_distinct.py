"""Rows that a merge left twice, and rows of utterances that share an id."""

import math

import pyarrow as pa
import pytest

from reports.ledger.distinct import distinct_rows
from reports.ledger.part import Part
from reports.ledger.reading.load import load_results
from reports.ledger.schema import EPOCHS, PREDICTIONS
from reports.results.ensembles import read_predictions
from reports.results.seed_groups import ablation_cells
from tests.reports.ledger_builder import LedgerBuilder


def part(*rows, key="a", is_merged=False):
    """Return a part of test predictions: (id, prediction) of each row."""
    lines = [
        {"key": key, "split": "test", "id": name, "label": 1.0, "prediction_M": value}
        for name, value in rows
    ]
    return Part(
        rows=pa.Table.from_pylist(lines, schema=PREDICTIONS),
        is_merged=is_merged,
        without_checksum=0,
    )


def read(*parts):
    rows = distinct_rows("predictions", parts).to_pylist()
    return [(row["key"], row["id"], row["prediction_M"]) for row in rows]


REPEATED = (("u", 1.0), ("v", 2.0), ("u", 3.0), ("u", 1.0))
NAMED = [("a", "u", 1.0), ("a", "v", 2.0), ("a", "u#2", 3.0), ("a", "u#3", 1.0)]


def test_rows_that_share_an_id_stay_and_are_named_apart():
    assert read(part(*REPEATED)) == NAMED


@pytest.mark.parametrize("rows", [(("u", 1.0), ("u", 1.0)), (("u", 1.0),) * 4])
def test_equal_rows_of_one_trial_stay_too(rows):
    """An utterance may stand twice in a file with the same features."""
    assert len(read(part(*rows))) == len(rows)


def test_a_block_that_a_merge_left_in_two_parts_is_read_once():
    assert read(part(*REPEATED), part(*REPEATED, is_merged=True)) == NAMED
    once = part(("u", 1.0), ("v", 2.0))
    assert read(once, once) == [("a", "u", 1.0), ("a", "v", 2.0)]


def test_a_merged_part_that_holds_a_block_twice_is_read_once():
    twice = part(*REPEATED, *REPEATED, is_merged=True)
    assert read(twice) == NAMED


def test_a_block_with_an_undefined_prediction_is_known_as_a_copy_too():
    block = (("u", math.nan), ("v", None), ("u", 3.0))
    assert [name for _, name, _ in read(part(*block, *block, is_merged=True))] == ["u", "v", "u#2"]


def test_trials_whose_rows_alternate_in_a_part_keep_the_order_of_each():
    first, second = (part(*REPEATED, key=key).rows for key in "ab")
    slices = [rows.slice(place, 1) for place in range(4) for rows in (first, second)]
    mixed = Part(rows=pa.concat_tables(slices), is_merged=True, without_checksum=0)
    assert sorted(read(mixed)) == sorted([*NAMED, *(("b", *rest) for _, *rest in NAMED)])


def test_other_trials_and_other_splits_are_left_as_they_are():
    others = part(("u", 5.0), ("w", 6.0), key="b")
    assert sorted(read(part(*REPEATED), others)) == sorted(
        [*NAMED, ("b", "u", 5.0), ("b", "w", 6.0)]
    )


def test_rows_without_an_id_are_named_apart():
    assert read(part((None, 1.0), (None, 2.0))) == [("a", "(no id)", 1.0), ("a", "(no id)#2", 2.0)]


def test_of_epochs_written_twice_the_last_counts():
    parts = [
        Part(
            rows=pa.Table.from_pylist([{"key": "a", "epoch": 1, "valid_mae": value}], EPOCHS),
            is_merged=False,
            without_checksum=0,
        )
        for value in (1.0, 2.0)
    ]
    assert distinct_rows("epochs", parts)["valid_mae"].to_pylist() == [2.0]


def test_seeds_of_an_earlier_and_of_this_version_make_one_ensemble(tmp_path):
    """Earlier ledgers hold the ids of the file, this version's the names of the corpus."""
    builder = LedgerBuilder(tmp_path)
    for seed, names in ((1, ("u", "v", "u")), (2, ("u", "v", "u#2"))):
        key = builder.cell("baseline", seed, 1.0) or builder.rows["trials"][-1]["key"]
        for value, name in enumerate(names):
            row = {"key": key, "split": "test", "id": name, "label": 1.0}
            builder.rows["predictions"].append({**row, "prediction_M": float(value)})
    results = load_results(builder.write())
    (cell, *_) = ablation_cells(results)["modules"]
    first, second = read_predictions(results, [cell]).values()
    assert first.utterances == second.utterances
    assert first.ids == ("u", "u#2", "v")
    assert first.values.tolist() == second.values.tolist() == [0.0, 2.0, 1.0]
