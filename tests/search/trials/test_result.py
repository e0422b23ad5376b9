import math

import pytest

from reports.ledger import schema
from reports.ledger.reading.load import load_results
from search.ledger import Ledger
from search.trials.factory import ResolvedTrial
from search.trials.result import Ending, ended_trial
from sugrm import EpochRecord, resolve


@pytest.fixture
def trial():
    config = resolve({"preset": ["mosi", "paper"]})
    return ResolvedTrial(
        key="k", config=config, seed=1, data_fingerprint="d", encoder_fingerprint="e"
    )


def record(**values):
    return EpochRecord(
        epoch=1, seconds=1.0, train_loss=1.0, valid={"loss": 1.0, "mae": 1.0}, counters={}, **values
    )


def test_the_truth_of_labels_stands_with_its_epoch_in_the_ledger(tmp_path, trial):
    truths = {"T": 0.75, "A": math.nan}
    epoch = record(label_truth=truths, human_truth={"T": 0.5, "A": 0.25})
    ledger = Ledger(tmp_path)
    ledger.add(ended_trial(trial, [epoch], ending=Ending(status=schema.FINISHED)), [])
    (row,) = load_results(tmp_path).epochs().to_pylist()
    assert (row["label_truth_T"], row["human_truth_T"], row["human_truth_A"]) == (0.75, 0.5, 0.25)
    assert math.isnan(row["label_truth_A"])
    assert (row["label_truth_V"], row["human_truth_V"]) == (None, None)


def test_every_column_of_an_epoch_is_one_of_the_schema(trial):
    epoch = record(label_truth=dict.fromkeys("TAV", 0.5), human_truth=dict.fromkeys("TAV", 0.5))
    (columns,) = ended_trial(trial, [epoch], ending=Ending(status=schema.FINISHED)).epochs
    assert set(columns) <= set(schema.EPOCHS.names)
    truths = {name for name in schema.EPOCHS.names if "_truth_" in name}
    assert truths <= set(columns)
    assert truths == {f"{truth}_{task}" for truth in schema.TRUTHS for task in "TAV"}


@pytest.mark.parametrize("status", schema.STATUSES)
def test_device_and_precision_stand_in_the_row_of_every_trial(tmp_path, trial, status):
    place = {"device": "cuda", "precision": "bfloat16", "node_id": "n", "gpus": "3"}
    place["processor"] = "H200"
    ledger = Ledger(tmp_path)
    ledger.add(ended_trial(trial, [record()], ending=Ending(status=status, place=place)), [])
    (found,) = load_results(tmp_path).trials.values()
    assert {name: found.column(name) for name in place} == place
