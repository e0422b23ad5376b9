import json

import pytest

from reports.errors import ReportError
from reports.ledger.reading.load import load_results
from reports.results.dataset import dataset_of
from sugrm.config.sections.datasets import load_dataset, packaged_datasets
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def dataset(folder, recorded, kind="mosi", *, status="finished"):
    builder = LedgerBuilder(folder, kind)
    builder.searched(0, status=status)
    return dataset_of(load_results(builder.write({**SPACE, "data": {"dataset": recorded}})))


@pytest.mark.parametrize("name", packaged_datasets())
def test_what_is_known_of_a_packaged_dataset_is_its_description(tmp_path, name):
    expected = load_dataset(name)
    found = dataset(tmp_path, name, expected.metrics)
    assert (found.kind, found.label_bound) == (expected.metrics, expected.label_bound)
    assert (found.title, found.has_unimodal_labels) == (
        expected.title,
        bool(expected.unimodal_labels),
    )


@pytest.mark.parametrize("kind", ["mosi", "sims", "regression"])
def test_before_a_trial_has_a_metric_the_recorded_description_counts(tmp_path, kind):
    """A failed trial has none."""
    recorded = {"name": "own", "title": "Own", "label_bound": 3, "metrics": kind}
    found = dataset(tmp_path, recorded, status="failed")
    assert (found.kind, found.title, found.label_bound) == (kind, "Own", 3)


@pytest.mark.parametrize("kind", ["mosi", "sims", "regression"])
def test_the_metrics_that_trials_have_count_more_than_the_name(tmp_path, kind):
    """An older version scored CH-SIMS as MOSI; a plug-in's name says nothing."""
    bounds = {"mosi": 3.0, "sims": 1.0, "regression": None}
    for name in ("sims", "of a plug-in"):
        found = dataset(tmp_path / name, name, kind)
        assert (found.kind, found.label_bound) == (kind, bounds[kind])


def test_a_description_has_a_bound_of_its_own_and_says_whether_modalities_are_labelled(tmp_path):
    recorded = {"name": "own", "label_bound": 10, "metrics": "regression"}
    found = dataset(tmp_path / "one", recorded, "regression")
    assert (found.label_bound, found.has_unimodal_labels) == (10, False)
    recorded["unimodal_labels"] = {"text": "y_text"}
    assert dataset(tmp_path / "two", recorded, "regression").has_unimodal_labels


def test_a_description_of_another_form_is_refused(tmp_path):
    dataset(tmp_path, "sims")
    path = tmp_path / "experiment.json"
    record = json.loads(path.read_text())
    record["versions"][0]["space"]["data"]["dataset"] = {"name": "own", "label_bound": "wide"}
    path.write_text(json.dumps(record))
    with pytest.raises(ReportError, match=r"damaged \(versions.0.space.data.dataset"):
        load_results(tmp_path)
