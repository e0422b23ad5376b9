"""Comparing a trial with its record; each ledger here holds one trial of two epochs."""

import math
from dataclasses import replace

import pytest

from reports.ledger.reading.load import load_results
from reports.results.repetition.comparison import (
    BEST_EPOCH,
    EPOCH,
    LABEL,
    METRIC,
    PREDICTION,
    Part,
    circumstances,
    compare_trials,
)
from tests.reports.ledger_builder import LedgerBuilder


@pytest.fixture
def ledger(tmp_path):
    """Return a function that writes a run of one trial and reads it."""

    def write(
        name,
        key="a",
        losses=(1.0, 0.5),
        predictions=(0.25, None),
        labels=(1.0, 2.0),
        **values,
    ):
        builder = LedgerBuilder(tmp_path / name)
        builder.trial(key, 0.5, seed=7, **values)
        builder.role("ablation", key, group="g", cell="c", seed=7)
        builder.rows["epochs"] = [
            {"key": key, "epoch": number, "seconds": len(name), "train_loss": loss}
            for number, loss in enumerate(losses, 1)
        ]
        builder.rows["predictions"] = [
            {"key": key, "split": "test", "id": f"u{place}", "label": 1.0, "prediction_M": value}
            for place, value in enumerate(predictions)
        ]
        builder.rows["labels"] = [
            {"key": key, "epoch": 1, "task": "T", "labels": list(each)} for each in [labels] if each
        ]
        return load_results(builder.write())

    return write


def compared(record, repeated, repeated_key="a"):
    return compare_trials(record, repeated, key="a", repeated_key=repeated_key)


def parts(comparison):
    return {part.title: part for part in comparison.parts}


def test_a_trial_equals_itself_in_metrics_epochs_predictions_and_labels(ledger):
    found = compared(ledger("one"), ledger("another"))
    assert found.is_equal
    assert found.seed == 7
    amounts = {title: part.compared for title, part in parts(found).items()}
    assert amounts == {METRIC: 18, BEST_EPOCH: 1, EPOCH: 2, PREDICTION: 2, LABEL: 1}


def test_keys_may_differ_where_the_code_does(ledger):
    assert compared(ledger("one"), ledger("another", key="b"), "b").is_equal


def test_the_last_bit_of_a_metric_counts(ledger):
    found = compared(ledger("one"), ledger("another", valid_mae=math.nextafter(0.5, 1)))
    assert not found.is_equal
    assert parts(found)[METRIC].different == ("valid/mae",)
    assert 0 < parts(found)[METRIC].distance < 1e-15


@pytest.mark.parametrize(("one", "other"), [(None, 0.5), (0.5, None)])
def test_a_metric_that_one_of_the_two_lacks_differs(ledger, one, other):
    found = compared(ledger("one", test_corr=one), ledger("another", test_corr=other))
    assert parts(found)[METRIC].different == ("test/corr",)
    assert math.isinf(parts(found)[METRIC].distance)
    assert not found.is_equal


def test_a_nan_differs_from_a_number(ledger):
    found = compared(ledger("one"), ledger("another", losses=(math.nan, 0.5)))
    assert parts(found)[EPOCH].different == ("1",)
    assert math.isnan(parts(found)[EPOCH].distance)


def test_another_best_epoch_differs(ledger):
    found = compared(ledger("one"), ledger("another", best_epoch=2))
    assert parts(found)[BEST_EPOCH].different == ("2",)
    assert not found.is_equal


def test_the_first_epoch_that_differs_is_named_with_its_difference(ledger):
    found = compared(ledger("one", losses=(1, 2, 3)), ledger("another", losses=(1, 2.5, 9)))
    part = parts(found)[EPOCH]
    assert (part.different, part.distance, found.is_equal) == (("2", "3"), 0.5, False)


@pytest.mark.parametrize("shorter", [0, 1])
def test_an_epoch_that_one_of_the_two_lacks_differs(ledger, shorter):
    losses = [(1.0,), (1.0, 0.5)]
    found = compared(ledger("a", losses=losses[shorter]), ledger("b", losses=losses[1 - shorter]))
    assert parts(found)[EPOCH].different == ("2",)
    assert math.isinf(parts(found)[EPOCH].distance)


def test_each_bit_of_a_prediction_counts(ledger):
    part = parts(compared(ledger("one"), ledger("another", predictions=(0.75, None))))[PREDICTION]
    assert (part.different, part.distance) == (("u0",), 0.5)
    zeros = ledger("c", predictions=(0.0,)), ledger("d", predictions=(-0.0,))
    assert not compared(*zeros).is_equal
    more = compared(ledger("e"), ledger("f", predictions=(0.25, None, 1.0)))
    assert parts(more)[PREDICTION].different == ("u2",)


def test_each_generated_label_counts(ledger):
    part = parts(compared(ledger("one"), ledger("another", labels=(1.0, 2.25))))[LABEL]
    assert (part.different, part.distance) == (("1",), 0.25)


def test_nan_equals_nan(ledger):
    same = {"losses": (math.nan, 1.0), "predictions": (math.nan, 1.0)}
    assert compared(ledger("one", **same), ledger("another", **same)).is_equal


def test_a_published_copy_is_compared_in_what_it_has(ledger):
    record = ledger("one", predictions=(), labels=())
    found = compared(record, ledger("another"))
    assert found.is_equal
    assert set(parts(found)) == {METRIC, BEST_EPOCH, EPOCH}
    assert found.lacking == (PREDICTION, LABEL)


def test_a_stopped_trial_is_compared_up_to_its_last_epoch(ledger):
    record = ledger("one", status="stopped", losses=(1.0,), predictions=(), labels=())
    found = compared(record, ledger("another"))
    assert found.is_equal
    assert parts(found) == {EPOCH: Part(title=EPOCH, compared=1)}


def test_a_record_without_a_number_equals_nothing(ledger):
    nothing = {"status": "stopped", "losses": (), "predictions": (), "labels": ()}
    found = compared(ledger("one", **nothing), ledger("another"))
    assert not any(part.compared for part in found.parts)
    assert not found.is_equal


@pytest.mark.parametrize(
    ("recorded", "again", "same"),
    [("nan", "nan", True), ("nan", "oom", False), ("nan", None, False), (None, "oom", False)],
)
def test_a_failure_is_repeated_by_the_same_failure(ledger, recorded, again, same):
    record, repeated = (
        ledger(name, predictions=(), **({"status": "failed", "failure": why} if why else {}))
        for name, why in (("one", recorded), ("another", again))
    )
    found = compared(record, repeated)
    assert (found.ends_as_recorded, found.is_equal) == (same, same)


def what_differs(record, repeated):
    return list(circumstances(record, repeated, comparison=compared(record, repeated)))


def test_what_else_differs_is_named(ledger):
    record = ledger("one", processor="Xeon", device="cpu", data_fingerprint="a" * 64)
    repeated = ledger("another", processor="EPYC", device="cpu", precision="float32")
    assert what_differs(record, repeated) == [
        "fingerprint of the data: d0d0, recorded aaaaaaaaaaaa",
        "processor: EPYC, recorded Xeon",
    ]


def test_a_gpu_is_a_cause_even_where_the_record_is_of_the_same_one(ledger):
    record, repeated = (ledger(name, device="cuda:0", processor="H") for name in "ab")
    assert what_differs(record, repeated) == [
        "device: a GPU, which does not always add numbers in the same order"
    ]


def test_versions_of_packages_and_of_the_code_are_named(ledger):
    record, repeated = ledger("one"), ledger("another")
    (version,) = record.experiment.versions
    environment = {
        "python": "3.9.1",
        "packages": {"torch": "1.0"},
        "git": {"commit": "f" * 40, "modified": False},
    }
    older = replace(version, environment=environment, plugins={"own": {"digest": "0" * 64}})
    record = replace(record, experiment=replace(record.experiment, versions=(older,)))
    newer = replace(version, plugins={"own": {"digest": "1" * 64}})
    repeated = replace(repeated, experiment=replace(repeated.experiment, versions=(newer,)))
    assert what_differs(record, repeated) == [
        "python: 3.11.9, recorded 3.9.1",
        "torch: 2.13.0, recorded 1.0",
        "commit of sugrm-search: abc123 with changes, recorded ffffffffffff",
        "source of the plug-in own: 111111111111, recorded 000000000000",
    ]


def test_a_record_without_a_processor_is_named(ledger):
    assert what_differs(ledger("one"), ledger("b", processor="EPYC")) == [
        "processor: EPYC, not recorded"
    ]
