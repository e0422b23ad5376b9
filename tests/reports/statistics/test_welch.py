import math

import pytest
from scipy import stats

from reports.statistics import welch_test


def test_difference_interval_and_p_are_those_of_the_formula():
    """Welch's t by hand: means 2 and 5, variances 1 and 4, standard error sqrt(1/3 + 4/3)."""
    test = welch_test([1.0, 2.0, 3.0], [3.0, 5.0, 7.0])
    error = math.sqrt(1 / 3 + 4 / 3)
    freedom = (1 / 3 + 4 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * error
    assert test.difference.mean == pytest.approx(3.0)
    assert (test.difference.low, test.difference.high) == pytest.approx((3 - half, 3 + half))
    assert test.p == pytest.approx(2 * stats.t.sf(3 / error, freedom))


@pytest.mark.parametrize("few", [[1.0], [1.0, 3.0]])
def test_fewer_than_three_values_on_a_side_give_a_difference_without_a_test(few):
    test = welch_test(few, [4.0, 5.0, 6.0])
    assert test.difference.mean == 5.0 - sum(few) / len(few)
    assert (test.difference.low, test.difference.high, test.p) == (None, None, None)


def test_without_a_value_on_a_side_there_is_no_difference():
    assert welch_test([], [1.0, 2.0]) is None


@pytest.mark.parametrize("other", [[2.0, 2.0, 2.0], [2.0, 3.0, float("nan")]])
def test_samples_without_spread_or_with_an_undefined_value_have_no_p(other):
    test = welch_test([1.0, 1.0, 1.0], other)
    assert test.p is None
    assert test.difference.low is None
