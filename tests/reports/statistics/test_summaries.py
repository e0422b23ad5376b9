import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics import best_index, summarise, t_quantile


def test_a_summary_holds_mean_and_deviation_with_n_minus_one():
    """Of 1, 2, 6: mean 3, deviation sqrt((4 + 1 + 9) / 2) = sqrt 7."""
    summary = summarise([1.0, 2.0, 6.0])
    assert summary.mean == pytest.approx(3.0)
    assert summary.deviation == pytest.approx(math.sqrt(7))
    assert summary.count == 3


@pytest.mark.parametrize("count", [3, 5, 30])
def test_the_interval_is_that_of_scipy(count):
    values = np.random.default_rng(count).normal(0.7, 0.1, count)
    low, high = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    summary = summarise(list(values))
    assert (summary.low, summary.high) == pytest.approx((low, high))

    assert summary.half_width == pytest.approx((high - low) / 2)


def test_two_values_have_a_deviation_but_no_interval():
    """Of 1, 3: mean 2, deviation sqrt 2."""
    summary = summarise([1.0, 3.0])
    assert (summary.mean, summary.deviation) == (2.0, pytest.approx(math.sqrt(2)))
    assert (summary.low, summary.high, summary.half_width) == (None, None, None)


@pytest.mark.parametrize("freedom", [1, 2, 4, 9, 100])
@pytest.mark.parametrize("probability", [0.5, 0.9, 0.975, 0.995])
def test_the_t_quantile_is_that_of_scipy_stats(probability, freedom):
    assert t_quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom))


def test_one_value_has_a_mean_but_no_spread():
    summary = summarise([0.7])
    assert (summary.mean, summary.count) == (0.7, 1)
    assert (summary.deviation, summary.low, summary.high) == (None, None, None)


def test_no_value_has_no_summary():
    assert summarise([]) is None


def test_an_undefined_value_makes_the_mean_undefined():
    assert math.isnan(summarise([0.5, math.nan]).mean)


def test_the_best_is_the_first_of_equals_and_never_undefined():
    assert best_index([math.nan, 2.0, 1.0, 1.0], "min") == 2
    assert best_index([math.nan, 2.0, 1.0], "max") == 1
    assert best_index([math.nan], "min") is None
    assert best_index([], "min") is None
