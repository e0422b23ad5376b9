import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics import SCORES, score_intervals
from sugrm.metrics import score

MOSI = SCORES["mosi"]


def systems(number, count, seed=1):
    generator = np.random.default_rng(seed)
    labels = generator.integers(-9, 10, count) / 3
    return labels + generator.normal(size=(number, count)), labels


def ends(summary):
    return summary.low, summary.high


def test_each_system_has_its_scores_with_an_interval_around_them():
    predictions, labels = systems(2, 60)
    found = score_intervals(predictions, labels, resamples=500)
    for one, scores in zip(predictions, found, strict=True):
        expected = score(one, labels)
        for name in MOSI:
            assert scores[name].mean == pytest.approx(expected[name])
            assert scores[name].low < scores[name].mean < scores[name].high
            assert scores[name].count == 60


def statistic_of(name):
    def looped(predicted, true, axis):
        """Return the score of each resample by the model package."""
        rows = zip(predicted.reshape(-1, predicted.shape[-1]), true.reshape(-1, true.shape[-1]),
                   strict=True)  # fmt: skip
        scores = [round(score(*row)[name], 12) for row in rows]  # equal ones must be equal
        return np.reshape(scores, predicted.shape[:-1])

    return looped


@pytest.mark.slow
@pytest.mark.parametrize("name", MOSI)
def test_the_interval_is_scipys_of_a_plain_paired_bootstrap(name):
    """The same generator draws the same utterances there."""
    predictions, labels = systems(1, 50)
    plain = stats.bootstrap(
        (predictions[0], labels), statistic_of(name), paired=True, vectorized=True,
        n_resamples=500, method="BCa", rng=1,
    ).confidence_interval  # fmt: skip
    (found,) = score_intervals(predictions, labels, resamples=500)
    assert ends(found[name]) == pytest.approx((plain.low, plain.high))


def test_the_same_resamples_serve_every_system_however_many_there_are():
    predictions, labels = systems(3, 50)
    together = score_intervals(predictions, labels, resamples=300)
    (alone,) = score_intervals(predictions[2:], labels, resamples=300)
    for name in MOSI:
        assert ends(alone[name]) == pytest.approx(ends(together[2][name]))


def test_a_score_that_no_resample_changes_has_no_interval():
    _, labels = systems(1, 30)
    (found,) = score_intervals(labels[None], labels, resamples=200)
    assert [summary.mean for summary in found.values()] == pytest.approx([0, 1, 1, 1, 1, 1])
    changing = [name for name in MOSI if ends(found[name]) != (None, None)]
    assert changing == []


def test_a_constant_system_has_no_correlation_but_an_interval_of_its_error():
    _, labels = systems(1, 30)
    (found,) = score_intervals(np.full((1, 30), 0.1), labels, resamples=200)
    assert math.isnan(found["corr"].mean)
    assert ends(found["corr"]) == (None, None)
    assert found["mae"].low < found["mae"].mean < found["mae"].high


def test_a_diverged_system_has_no_score_and_leaves_the_others_theirs():
    predictions, labels = systems(2, 30)
    predictions[0, 4] = math.nan
    diverged, other = score_intervals(predictions, labels, resamples=200)
    assert all(math.isnan(summary.mean) for summary in diverged.values())
    assert {ends(summary) for summary in diverged.values()} == {(None, None)}
    (alone,) = score_intervals(predictions[1:], labels, resamples=200)
    assert ends(other["mae"]) == pytest.approx(ends(alone["mae"]))


def test_labels_that_are_all_zero_leave_negative_positive_undefined():
    (found,) = score_intervals(np.array([[1.0, -1.0, 2.0]]), np.zeros(3), resamples=100)
    assert math.isnan(found["acc2_negative_positive"].mean)
    assert ends(found["acc2_negative_positive"]) == (None, None)


def test_one_utterance_has_a_score_but_no_interval():
    (found,) = score_intervals(np.array([[1.0]]), np.array([2.0]))
    assert (found["mae"].mean, *ends(found["mae"])) == (1.0, None, None)


@pytest.mark.parametrize(("shape", "count"), [((3,), 3), ((2, 3), 4), ((2, 0), 0)])
def test_shapes_that_do_not_fit_are_refused(shape, count):
    with pytest.raises(ValueError, match=r"expected \[S, N\] and \[N\] with N above 0"):
        score_intervals(np.zeros(shape), np.zeros(count))


@pytest.mark.parametrize("kind", SCORES)
def test_each_kind_of_metrics_has_its_scores(kind):
    predictions, labels = systems(2, 50)
    found = score_intervals(predictions / 3, labels / 3, kind=kind, resamples=100)
    for one, scores in zip(predictions, found, strict=True):
        expected = score(one / 3, labels / 3, metrics=kind)
        assert {name: each.mean for name, each in scores.items()} == pytest.approx(
            {name: expected[name] for name in SCORES[kind]}
        )


def test_an_infinite_prediction_on_sims_is_not_clipped_to_a_score():
    (found,) = score_intervals(np.array([[0.1, math.inf]]), np.zeros(2), kind="sims", resamples=50)
    assert all(math.isnan(each.mean) for each in found.values())


@pytest.mark.slow
def test_the_interval_of_a_skewed_score_covers_the_truth_nearly_as_often_as_it_says():
    """Errors are exponential with mean 1, so the true MAE is 1: 500 test sets of 60 utterances.

    BCa is second-order right: near 0.94 there, where the percentile interval has some 0.93.
    """
    errors = np.random.default_rng(6).exponential(size=(500, 60))
    found = score_intervals(errors, np.zeros(60), resamples=1000)
    covered = np.mean([scores["mae"].low <= 1 <= scores["mae"].high for scores in found])
    assert covered == pytest.approx(0.94, abs=0.03)
