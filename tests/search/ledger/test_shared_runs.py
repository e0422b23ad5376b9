"""Trials taken over from runs beside this one."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from reports.ledger.parts import read_parts
from reports.ledger.reading.load import load_results
from reports.ledger.roles import Role
from search.ledger import EndedTrial, Ledger

CELL = Role(phase="ablation", group="tables", cell="SUGRM", seed=1)


def trial(key, status="finished", *, config="{}", epochs=1):
    predictions = {"id": ["u1"], "label": np.float32([1]), "M": np.float32([0.5])}
    return EndedTrial(
        columns={
            "key": key,
            "status": status,
            "seed": 1,
            "epochs": epochs,
            "valid_mae": 0.5,
            "config": config,
        },
        epochs=[{"epoch": 1, "seconds": 1.0, "valid_mae": 0.5}],
        labels={1: {"T": np.float32([0.25])}},
        predictions={"test": predictions} if status == "finished" else {},
    )


@pytest.fixture
def beside(tmp_path):
    """Return the ledger of another run in the same folder of runs."""
    folder = tmp_path / "runs" / "other"
    folder.mkdir(parents=True)
    ledger = Ledger(folder)
    (folder / "experiment.json").write_text(json.dumps({"name": "other", "versions": []}))
    return ledger


@pytest.fixture
def own(beside):
    return Ledger(beside.folder.with_name("own"))


def test_a_finished_trial_is_taken_over_whole(beside, own):
    beside.add(trial("a"), [CELL])
    assert own.adopt("a")
    own.add_role(CELL, "a")
    assert own.trials["a"] == beside.trials["a"]._replace(adopted_from="other")
    assert own.curve("a", "mae") == [0.5]
    read = load_results(own.folder)
    assert read.trials["a"].valid == {"mae": 0.5}
    assert read.labels()["labels"].to_pylist() == [[0.25]]
    assert read.predictions()["prediction_M"].to_pylist() == [0.5]
    assert dict(Ledger(own.folder).trials) == dict(own.trials)


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_a_trial_that_did_not_finish_is_not_taken_over(beside, own, status):
    beside.add(trial("a", status), [CELL])
    assert not own.adopt("a")
    assert not own.trials


def test_a_trial_whose_predictions_are_lost_is_not_taken_over(beside, own):
    beside.add(trial("a"), [CELL])
    (beside.folder / "predictions" / "a.parquet").write_bytes(b"cut short")
    assert not own.adopt("a")


def test_a_folder_that_is_no_run_is_no_sibling(beside, own):
    beside.add(trial("a"), [CELL])
    (beside.folder / "experiment.json").unlink()
    assert not own.adopt("a")


def test_a_trial_whose_generated_labels_are_lost_is_not_taken_over(beside, own):
    config = json.dumps({"objective": {"tasks": ["M", "T"], "labels": {"name": "sugrm"}}})
    beside.add(trial("a", config=config), [CELL])
    (beside.folder / "labels" / "a.parquet").unlink()
    assert not own.adopt("a")


def test_a_trial_without_all_its_epochs_is_not_taken_over(beside, own):
    beside.add(trial("a", epochs=2), [CELL])
    assert not own.adopt("a")


def test_another_run_serves_where_one_is_damaged(beside, own):
    beside.add(trial("a"), [CELL])
    worse = beside.folder.with_name("zzz")
    shutil.copytree(beside.folder, worse)
    (worse / "experiment.json").write_text(json.dumps({"name": "zzz", "versions": []}))
    (worse / "predictions" / "a.parquet").write_bytes(b"cut short")
    assert own.adopt("a")
    assert own.trials["a"].adopted_from == "other"


def test_rows_that_a_merge_cut_short_left_twice_are_taken_over_once(beside, own):
    beside.add(trial("a"), [CELL])
    for table in ("trials", "epochs", "labels", "predictions"):
        part = beside.folder / table / "a.parquet"
        shutil.copy(part, part.with_name("merged-0.parquet"))
    assert own.adopt("a")
    read = load_results(own.folder)
    assert read.labels().num_rows == read.epochs().num_rows == read.predictions().num_rows == 1


def test_what_was_taken_over_names_the_run_that_computed_it(beside, own):
    beside.add(trial("a"), [CELL])
    own.adopt("a")
    (own.folder / "experiment.json").write_text(json.dumps({"name": "own", "versions": []}))
    third = Ledger(own.folder.with_name("third"))
    (beside.folder / "experiment.json").unlink()
    assert third.adopt("a")
    assert third.trials["a"].adopted_from == "other"


def test_nothing_is_written_beside(beside, own):
    beside.add(trial("a"), [CELL])
    before = {path: path.read_bytes() for path in beside.folder.rglob("*") if path.is_file()}
    own.adopt("a")
    after = {path: path.read_bytes() for path in beside.folder.rglob("*") if path.is_file()}
    assert after == before


def test_a_run_that_was_copied_and_renamed_is_no_sibling(beside, own):
    beside.add(trial("a"), [CELL])
    beside.folder.rename(beside.folder.with_name("renamed"))
    assert not own.adopt("a")


def test_predictions_of_utterances_that_share_an_id_are_taken_over_whole(beside, own):
    made = trial("a")
    predictions = {"id": ["u1", "u1"], "label": np.float32([1, 2]), "M": np.float32([0.5, 0.25])}
    beside.add(replace(made, predictions={"test": predictions}), [CELL])
    assert own.adopt("a")
    assert load_results(own.folder).predictions()["prediction_M"].to_pylist() == [0.5, 0.25]


def test_a_trial_taken_over_from_parts_without_checksums_counts_as_such(beside, own):
    """Its new parts have checksums, but what the older ones held may have changed before."""
    for key in "ab":
        beside.add(trial(key), [CELL])
    for table in ("epochs", "predictions"):
        part = beside.folder / table / "a.parquet"
        parquet.write_table(pa.table(parquet.read_table(part)), part)
    assert own.adopt("a")
    assert own.adopt("b")
    counts = {
        table: read_parts(own.folder, table).without_checksum
        for table in ("trials", "epochs", "labels", "predictions")
    }
    assert counts == {"trials": 0, "epochs": 1, "labels": 0, "predictions": 1}
