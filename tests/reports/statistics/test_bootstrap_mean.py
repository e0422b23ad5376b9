import numpy as np
import pytest
from scipy import stats

from reports.statistics import bootstrap_mean


def test_the_mean_of_many_values_has_nearly_the_interval_of_the_normal_law():
    """Of 400 values the central limit theorem holds: 1.96 s / sqrt(n) to either side."""
    values = np.random.default_rng(0).normal(0.3, 2.0, 400)
    found = bootstrap_mean(values)
    half = stats.norm.ppf(0.975) * values.std(ddof=1) / 20
    assert (found.mean, found.count) == (pytest.approx(values.mean()), 400)
    assert found.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_the_same_values_give_the_same_interval():
    values = np.random.default_rng(1).exponential(size=30)
    assert bootstrap_mean(values) == bootstrap_mean(values)


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.5, 0.5]])
def test_values_that_no_resample_changes_have_no_interval(values):
    found = bootstrap_mean(np.array(values))
    assert (found.mean, found.low, found.high) == (0.5, None, None)


def test_no_value_is_refused():
    with pytest.raises(ValueError, match=r"shape \(0,\); expected \[N\] with N above 0"):
        bootstrap_mean(np.array([]))
