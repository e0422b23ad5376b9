import math

import numpy as np
import pytest

from reports.ledger.schema import METRICS
from sugrm.config.sections.datasets import load_dataset, packaged_datasets
from sugrm.metrics import METRIC_MODES, METRIC_NAMES, score

MOSI = (
    "loss",
    "mae",
    "corr",
    "acc2_negative_nonnegative",
    "acc2_negative_positive",
    "f1_negative_nonnegative",
    "f1_negative_positive",
    "acc5",
    "acc7",
)
SIMS = ("loss", "mae", "corr", "acc2_sims", "f1_sims", "acc3_sims", "acc5_sims")


def test_the_ledger_has_a_column_for_every_metric_of_every_dataset():
    assert tuple(METRIC_MODES) == METRICS
    assert {name for names in METRIC_NAMES.values() for name in names} == set(METRICS)
    assert {load_dataset(name).metrics for name in packaged_datasets()} <= set(METRIC_NAMES)


@pytest.mark.parametrize(
    ("metrics", "names"),
    [("mosi", MOSI), ("sims", SIMS), ("regression", ("loss", "mae", "corr"))],
)
def test_a_dataset_has_its_own_metrics_and_all_but_the_loss_are_scored(metrics, names):
    assert METRIC_NAMES[metrics] == names
    scored = score(np.array([0.5, -1.0]), np.array([1.0, 0.2]), metrics=metrics)
    assert tuple(scored) == names[1:]


def test_mosi_s_are_the_metrics_without_a_dataset():
    predicted, labels = np.array([0.5, -1.0]), np.array([1.0, 2.0])
    assert score(predicted, labels) == score(predicted, labels, metrics="mosi")


def test_only_loss_and_mae_are_better_when_smaller():
    assert {name for name, mode in METRIC_MODES.items() if mode == "min"} == {"loss", "mae"}


def test_labels_of_any_range_have_mae_and_correlation():
    scores = score(np.array([10.0, -20.0, 5.0]), np.array([12.0, -25.0, 5.0]), metrics="regression")
    assert scores["mae"] == pytest.approx(7 / 3)
    assert scores["corr"] > 0.99


@pytest.mark.parametrize("metrics", METRIC_NAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_model_has_no_score(bad, metrics):
    scores = score(np.array([bad, 1.0]), np.array([1.0, 2.0]), metrics=metrics)
    assert tuple(scores) == METRIC_NAMES[metrics][1:]
    assert all(math.isnan(value) for value in scores.values())


@pytest.mark.parametrize("metrics", METRIC_NAMES)
@pytest.mark.parametrize("shapes", [((0,), (0,)), ((2,), (3,)), ((2, 1), (2, 1))])
def test_wrong_shapes_are_refused_by_name(shapes, metrics):
    with pytest.raises(ValueError, match="expected two vectors of one length above 0") as caught:
        score(np.zeros(shapes[0]), np.zeros(shapes[1]), metrics=metrics)
    assert str(shapes[0]) in str(caught.value)


def test_unknown_metrics_are_refused():
    with pytest.raises(ValueError, match="metrics 'sim'; expected one of mosi, sims, regression"):
        score(np.zeros(1), np.zeros(1), metrics="sim")
