"""The sample of a split whose predictions are kept."""

import numpy as np
import pytest
import torch

from sugrm import evaluate
from sugrm.config import resolve
from sugrm.training.evaluation import predict
from sugrm.training.prediction_sample import SAMPLE, spread_over_labels
from sugrm.training.run import TrainingRun
from sugrm.types import Split, Task
from tests.sugrm.training.conftest import SMALL


@pytest.fixture(scope="module")
def finished(corpus):
    """Return a finished run, its result, its sample, and torch's state before and after."""
    run = TrainingRun(resolve({"preset": ["mosi", "paper"]}, SMALL), corpus, seed=5)
    while not run.finished:
        run.run_epoch()
    result = run.finish()
    before = torch.get_rng_state()
    sample = run.predict_sample()
    return run, result, sample, (before, torch.get_rng_state())


def test_the_rows_lie_evenly_in_the_order_of_the_label():
    """Nine labels 0..8, shuffled; of three rows the labels are 0, 4 and 8."""
    labels = np.float32([5, 8, 1, 0, 7, 4, 2, 6, 3])
    assert spread_over_labels(labels, 3) == [1, 3, 5]
    assert labels[spread_over_labels(labels, 3)].tolist() == [8, 0, 4]


def test_equal_labels_are_taken_by_their_place():
    assert spread_over_labels(np.zeros(5, np.float32), 2) == [0, 4]


@pytest.mark.parametrize("count", [0, 1, 2, SAMPLE, SAMPLE + 1, 1000])
def test_no_row_stands_twice_and_few_are_all_taken(count):
    labels = np.random.default_rng(1).normal(size=count).astype(np.float32)
    rows = spread_over_labels(labels)
    assert len(set(rows)) == len(rows) == min(count, SAMPLE)


@pytest.mark.slow
def test_a_sample_has_the_predictions_of_the_whole_split(finished):
    run, _, sample, _ = finished
    feed = run.data.feeds[Split.TRAIN]
    whole = predict(run.model, feed, batch_size=1)
    rows = [feed.utterances.ids.index(name) for name in sample.ids]
    assert len(rows) == 48  # fewer than 64, so all of them
    np.testing.assert_array_equal(sample.labels, feed.utterances.labels[rows])
    for task in Task:
        np.testing.assert_allclose(sample.predictions[task], whole[task][rows], atol=1e-5)


def test_a_sample_is_the_same_for_every_seed(finished, corpus):
    run, _, sample, _ = finished
    other = TrainingRun(run.config, corpus, seed=6)
    assert other.predict_sample().ids == sample.ids


def test_a_sample_changes_no_number_of_a_trial_and_draws_none(finished, corpus):
    run, result, _, (before, after) = finished
    assert torch.equal(before, after)
    assert not result.model.training
    assert evaluate(result.model, run.config, corpus, "valid") == pytest.approx(result.valid)
    assert evaluate(result.model, run.config, corpus, "test") == pytest.approx(result.test)
    assert set(result.predictions) == {"valid", "test"}
