"""Comparing a trial with its record; each ledger here holds one trial of two epochs."""

import math

import pytest

from reports.ledger.reading.load import load_results
from reports.results.repetition import circumstances, compare_trials
from tests.reports.ledger_builder import LedgerBuilder


@pytest.fixture
def ledger(tmp_path):
    """Return a function that writes a run of one trial and reads it."""

    def write(name, key="a", mae=0.5, losses=(1.0, 0.5), predictions=(0.25, None), **values):
        builder = LedgerBuilder(tmp_path / name)
        builder.trial(key, mae, seed=7, **values)
        builder.role("ablation", key, group="g", cell="c", seed=7)
        builder.rows["epochs"] = [
            {"key": key, "epoch": number, "seconds": len(name), "train_loss": loss}
            for number, loss in enumerate(losses, 1)
        ]
        builder.rows["predictions"] = [
            {"key": key, "split": "test", "id": f"u{place}", "label": 1.0, "prediction_M": value}
            for place, value in enumerate(predictions)
        ]
        return load_results(builder.write())

    return write


def compared(record, repeated, repeated_key="a"):
    return compare_trials(record, repeated, key="a", repeated_key=repeated_key)


def test_a_trial_equals_itself_in_metrics_epochs_and_predictions(ledger):
    found = compared(ledger("one"), ledger("another"))
    assert found.is_equal
    assert (found.seed, found.metrics, found.epochs, found.predictions) == (7, 19, 2, 2)


def test_keys_may_differ_where_the_code_does(ledger):
    assert compared(ledger("one"), ledger("another", key="b"), "b").is_equal


def test_the_last_bit_of_a_metric_counts(ledger):
    found = compared(ledger("one"), ledger("another", valid_mae=math.nextafter(0.5, 1)))
    assert not found.is_equal
    assert found.different == ("valid/mae",)
    assert 0 < found.metric_difference < 1e-15


def test_a_metric_that_the_repetition_lacks_differs(ledger):
    found = compared(ledger("one"), ledger("another", test_corr=None))
    assert found.different == ("test/corr",)
    assert math.isnan(found.metric_difference)
    assert not found.is_equal


def test_the_first_epoch_that_differs_is_named_with_its_difference(ledger):
    found = compared(ledger("one", losses=(1, 2, 3)), ledger("another", losses=(1, 2.5, 9)))
    assert (found.first_epoch, found.epoch_difference, found.is_equal) == (2, 0.5, False)


def test_an_epoch_that_the_repetition_lacks_differs(ledger):
    found = compared(ledger("one"), ledger("another", losses=(1.0,)))
    assert found.first_epoch == 2
    assert math.isnan(found.epoch_difference)


def test_the_largest_difference_of_predictions_is_told(ledger):
    found = compared(ledger("one"), ledger("another", predictions=(0.75, None)))
    assert (found.prediction_difference, found.is_equal) == (0.5, False)
    assert math.isnan(
        compared(ledger("c"), ledger("d", predictions=(0.75, 1))).prediction_difference
    )


def test_nan_equals_nan(ledger):
    same = {"losses": (math.nan, 1.0), "predictions": (math.nan, 1.0)}
    assert compared(ledger("one", **same), ledger("another", **same)).is_equal


def test_a_stopped_trial_is_compared_up_to_its_last_epoch(ledger):
    record = ledger("one", status="stopped", losses=(1.0,), predictions=())
    found = compared(record, ledger("another"))
    assert found.is_equal
    assert (found.metrics, found.epochs, found.predictions) == (0, 1, 0)


def test_what_else_differs_is_named(ledger):
    record = ledger(
        "one", processor="Xeon", device="cpu", precision=None, data_fingerprint="a" * 64
    )
    repeated = ledger("another", processor="EPYC", device="cpu", precision="float32")
    assert list(circumstances(record, repeated, key="a", repeated_key="a")) == [
        "fingerprint of the data: d0d0, recorded aaaaaaaaaaaa",
        "processor: EPYC, recorded Xeon",
    ]


def test_a_record_without_a_processor_is_told(ledger):
    found = circumstances(ledger("one"), ledger("b", processor="EPYC"), key="a", repeated_key="a")
    assert list(found) == ["processor: EPYC, not recorded"]
