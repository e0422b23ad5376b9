import math

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sugrm.metrics import score

numbers = st.floats(-4, 4, width=32) | st.sampled_from([-2.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5])
pairs = st.integers(2, 30).flatmap(
    lambda count: st.tuples(
        arrays.arrays(np.float32, count, elements=numbers),
        arrays.arrays(np.float32, count, elements=numbers),
    )
)


def slow_weighted_f1(true, predicted):
    total = 0.0
    for value in (False, True):
        hits = sum(t == value and p == value for t, p in zip(true, predicted, strict=True))
        said, real = sum(p == value for p in predicted), sum(t == value for t in true)
        precision = hits / said if said else 0.0
        recall = hits / real if real else 0.0
        if precision + recall:
            total += real / len(true) * 2 * precision * recall / (precision + recall)
    return total


def slow_accuracy(true, predicted, bound):
    def level(value):
        return round(max(-bound, min(bound, float(value))))  # Python rounds half to even

    return sum(level(t) == level(p) for t, p in zip(true, predicted, strict=True)) / len(true)


def test_an_example_scored_by_hand():
    """Six utterances.

    label      -2.0  -1.0   0.0   0.0   1.0   3.0
    predicted  -1.4   0.2   0.4  -0.3   0.6   2.6
    error       0.6   1.2   0.4   0.3   0.4   0.4    sum 3.3, mean 0.55
    >= 0 hit     y     n     y     n     y     y     4 of 6
    > 0 hit      y     n     -     -     y     y     3 of 4
    rounded    -1     0     0     0     1     3      0, 0 and 1, 3 right: 4 of 6;
               to +-2 for five classes: -1 0 0 0 1 2 against -2 -1 0 0 1 2: 4 of 6
    F1 of >= 0: class negative: true 2, said 2, hit 1: 2 * 1 / 4 = 1/2; class non-negative: true
    4, said 4, hit 3: 6 / 8 = 3/4; weighted 2/6 * 1/2 + 4/6 * 3/4 = 2/3.
    F1 of > 0: negative: true 2, said 1, hit 1: 2/3; positive: true 2, said 3, hit 2: 4/5;
    weighted 1/2 * 2/3 + 1/2 * 4/5 = 11/15.
    """
    labels = np.array([-2.0, -1.0, 0.0, 0.0, 1.0, 3.0])
    scores = score(np.array([-1.4, 0.2, 0.4, -0.3, 0.6, 2.6]), labels)
    assert scores["mae"] == pytest.approx(0.55)
    assert scores["acc2_negative_nonnegative"] == pytest.approx(4 / 6)
    assert scores["acc2_negative_positive"] == pytest.approx(3 / 4)
    assert scores["f1_negative_nonnegative"] == pytest.approx(2 / 3)
    assert scores["f1_negative_positive"] == pytest.approx(11 / 15)
    assert scores["acc5"] == pytest.approx(4 / 6)
    assert scores["acc7"] == pytest.approx(4 / 6)


def test_halves_round_to_even():
    scores = score(np.array([0.5, 1.5, 2.5, -0.5]), np.array([0.0, 2.0, 2.0, 0.0]))
    assert scores["acc7"] == 1.0


def test_five_classes_join_what_seven_tell_apart():
    scores = score(np.array([2.0, -3.0]), np.array([3.0, -2.0]))
    assert (scores["acc5"], scores["acc7"]) == (1.0, 0.0)


def test_predictions_beyond_the_range_are_clipped_for_the_classes_only():
    scores = score(np.array([9.0, -3.0]), np.array([3.0, -3.0]))
    assert (scores["acc7"], scores["mae"]) == (1.0, 3.0)


@pytest.mark.slow
@given(pairs)
def test_scores_equal_sklearn_scipy_and_slow_loops(pair):
    predicted, labels = pair
    scores = score(predicted, labels)
    signed = labels != 0
    assert scores["mae"] == pytest.approx(sklearn.metrics.mean_absolute_error(labels, predicted))
    for name, true, said in (
        ("negative_nonnegative", labels >= 0, predicted >= 0),
        ("negative_positive", labels[signed] > 0, predicted[signed] > 0),
    ):
        if len(true) == 0:
            assert math.isnan(scores[f"acc2_{name}"])
            assert math.isnan(scores[f"f1_{name}"])
            continue
        expected = sklearn.metrics.f1_score(true, said, average="weighted", zero_division=0)
        assert scores[f"f1_{name}"] == pytest.approx(expected)
        assert scores[f"f1_{name}"] == pytest.approx(slow_weighted_f1(true, said))
        assert scores[f"acc2_{name}"] == pytest.approx(sklearn.metrics.accuracy_score(true, said))
    assert scores["acc5"] == pytest.approx(slow_accuracy(labels, predicted, 2))
    assert scores["acc7"] == pytest.approx(slow_accuracy(labels, predicted, 3))


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 1.0, 1e6]))
def test_correlation_equals_scipy(seed, scale):
    random = np.random.default_rng(seed)
    labels = random.normal(size=12)
    predicted = scale * (0.4 * labels + random.normal(size=12)) + 2.0
    expected = scipy.stats.pearsonr(predicted, labels).statistic
    assert score(predicted, labels)["corr"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
@given(pairs)
def test_every_score_is_a_number_in_its_range_or_nan_for_a_reason(pair):
    predicted, labels = pair
    for name, value in score(predicted, labels).items():
        if math.isnan(value):
            constant = np.ptp(predicted) == 0 or np.ptp(labels) == 0
            assert (name == "corr" and constant) or (
                name.endswith("negative_positive") and not labels.any()
            )
        elif name != "mae":
            assert (-1 if name == "corr" else 0) <= value <= 1


@pytest.mark.parametrize("constant", ["predictions", "labels"])
def test_correlation_with_a_constant_is_nan_and_the_rest_stands(constant):
    varying, flat = np.array([1.0, -2.0, 0.5]), np.full(3, 0.7)
    scores = score(flat, varying) if constant == "predictions" else score(varying, flat)
    assert math.isnan(scores["corr"])
    assert math.isfinite(scores["mae"])
