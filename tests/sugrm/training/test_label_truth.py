from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import pearsonr

from sugrm.training.label_truth import truth_correlations
from sugrm.training.run import TrainingRun
from sugrm.types import Modality, Split

TRUTH = np.float32([-2.0, -1.0, 0.5, 1.0, 3.0])


def utterances(*, truth=TRUTH, present=(True, True, True, True, True)):
    """Return utterances that know a truth of audio alone."""
    return SimpleNamespace(
        true_sentiment=lambda modality: truth if modality is Modality.AUDIO else None,
        present=lambda modality: np.array(present),
    )


def test_labels_are_correlated_with_the_truth_of_their_modality():
    labels = np.float32([-1.0, -1.5, 0.0, 2.0, 2.5])
    found = truth_correlations({"T": labels, "A": labels}, utterances())
    assert found == {"A": pytest.approx(pearsonr(labels, TRUTH).statistic)}


def test_utterances_without_the_stream_do_not_count():
    labels = np.float32([-2.0, -1.0, 0.5, 1.0, -3.0])
    found = truth_correlations({"A": labels}, utterances(present=(True, True, True, True, False)))
    assert found == {"A": pytest.approx(1.0)}


def test_utterances_without_a_label_of_the_modality_do_not_count():
    truth = np.where([False, False, False, False, True], np.nan, TRUTH).astype(np.float32)
    labels = np.float32([-2.0, -1.0, 0.5, 1.0, -3.0])
    found = truth_correlations({"A": labels}, utterances(truth=truth))
    assert found == {"A": pytest.approx(1.0)}
    nothing = truth_correlations({"A": labels}, utterances(truth=np.full(5, np.nan)))
    assert np.isnan(nothing["A"])


@pytest.mark.parametrize(
    "labels", [np.full(5, 0.7), [1, np.nan, 2, 3, 4], [1, np.inf, 2, 3, 4], [0, -np.inf, 0, 0, 0]]
)
def test_an_undefined_correlation_is_nan(labels):
    assert np.isnan(truth_correlations({"A": np.float32(labels)}, utterances())["A"])


def test_a_modality_that_is_absent_everywhere_has_no_correlation():
    found = truth_correlations({"A": TRUTH}, utterances(present=[False] * 5))
    assert np.isnan(found["A"])


def test_without_a_truth_or_labels_there_is_nothing():
    assert truth_correlations({"A": TRUTH}, utterances(truth=None)) == {}
    assert truth_correlations({}, utterances()) == {}


@pytest.mark.slow
def test_an_epoch_records_the_truth_of_its_labels_and_of_the_human_one(corpus, experiment):
    """The paper's labels are the human one until epoch 2."""
    run = TrainingRun(experiment(), corpus, seed=1)
    first, second = run.run_epoch(), run.run_epoch()
    train = corpus.splits[Split.TRAIN]
    present = train.present(Modality.AUDIO)
    assert not present.all()
    audio = train.true_sentiment(Modality.AUDIO)[present]
    expected = pearsonr(train.labels[present], audio).statistic
    assert first.human_truth["A"] == pytest.approx(expected)
    assert first.label_truth == first.human_truth == second.human_truth
    assert set(second.label_truth) == {"T", "A", "V"}
    expected = pearsonr(second.labels["A"][present], audio).statistic
    assert second.label_truth["A"] == pytest.approx(expected)
    assert second.label_truth["A"] != first.label_truth["A"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objective", "tasks"),
    [
        ({"labels": {"name": "none"}}, set()),
        ({"tasks": ["M"]}, set()),
        ({"tasks": ["M", "V"]}, {"V"}),
    ],
)
def test_only_generated_labels_have_a_truth(corpus, experiment, objective, tasks):
    record = TrainingRun(experiment({"objective": objective}), corpus, seed=1).run_epoch()
    assert set(record.label_truth) == set(record.human_truth) == tasks
