import math

import numpy as np
import pytest
from scipy import stats

from reports.statistics import (
    ONE_TEST_PAIRS,
    paired_power,
    pairs_needed,
    sign_flip_p,
    smallest_p,
    smallest_pairs,
)


@pytest.mark.parametrize("pairs", [*range(1, 9), 13, 14, 15, 20, 2000])
def test_the_smallest_p_is_that_of_differences_of_one_sign(pairs):
    assert smallest_p(pairs) == sign_flip_p([1.0] * pairs)


@pytest.mark.parametrize(("comparisons", "pairs"), [(1, 6), (2, 7), (3, 7), (4, 8), (30, 11)])
def test_the_fewest_pairs_reach_the_level_and_one_less_does_not(comparisons, pairs):
    """For 30 tests: 30 * 2 / 2^11 = 0.029, but 30 * 2 / 2^10 = 0.059."""
    assert smallest_pairs(comparisons) == pairs
    assert 2 / 2**pairs * comparisons <= 0.05 < 2 / 2 ** (pairs - 1) * comparisons


@pytest.mark.parametrize("pairs", [14, 15, 20])
def test_beyond_thirteen_pairs_no_p_is_below_that_of_the_drawn_combinations(pairs):
    """9,999 are drawn: 2 * (0 + 1) / 10,000."""
    differences = np.random.default_rng(pairs).uniform(0.1, 0.9, pairs)
    assert sign_flip_p(differences) == sign_flip_p(-differences) == smallest_p(pairs) >= 0.0002


@pytest.mark.parametrize(
    ("comparisons", "pairs"), [(124, 13), (125, 15), (204, 15), (249, 15), (250, None)]
)
def test_so_many_tests_that_drawn_combinations_cannot_reach_the_level_have_no_number(
    comparisons, pairs
):
    """124 * .0004 = .0496 with 14 pairs, 249 * .0002 = .0498 from 15 pairs on."""
    assert smallest_pairs(comparisons) == pairs


def test_the_fewest_pairs_of_a_single_test_are_six():
    assert smallest_pairs() == ONE_TEST_PAIRS


def test_a_stricter_level_needs_more_pairs():
    """2 / 2^8 = 0.0078 is the first at or below 0.01."""
    assert smallest_pairs(alpha=0.01) == 8


@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_the_pairs_needed_are_those_of_the_published_tables(effect, pairs):
    """Small, medium and large effects at power .8: G*Power 3.1, t test of matched pairs."""
    assert pairs_needed(effect * 0.02, 0.02) == pairs


def test_the_sign_of_a_difference_does_not_matter():
    assert pairs_needed(-0.01, 0.02) == pairs_needed(0.01, 0.02)


def test_it_is_the_smallest_number_that_has_the_power():
    for effect in (0.05, 0.31, 0.9, 2.0, 5.0):
        pairs = pairs_needed(effect, 1.0)
        assert paired_power(effect, pairs) >= 0.8
        assert pairs == 2 or paired_power(effect, pairs - 1) < 0.8


def test_the_largest_difference_needs_two_pairs():
    assert pairs_needed(1e6, 1.0) == 2


@pytest.mark.parametrize(
    ("difference", "deviation"), [(0.0, 1.0), (1.0, 0.0), (math.nan, 1.0), (1.0, math.nan)]
)
def test_without_a_difference_or_a_spread_nothing_can_be_said(difference, deviation):
    assert pairs_needed(difference, deviation) is None


@pytest.mark.parametrize(("effect", "pairs"), [(0.5, 34), (1.2, 8), (2.0, 5)])
def test_the_power_is_that_of_simulated_t_tests(effect, pairs):
    samples = np.random.default_rng(pairs).normal(effect, 1.0, (20_000, pairs))
    found = np.mean(stats.ttest_1samp(samples, 0.0, axis=1).pvalue <= 0.05)
    power = paired_power(effect, pairs)
    assert power == pytest.approx(found, abs=4 * math.sqrt(0.25 / 20_000))


@pytest.mark.parametrize("effect", [7.401959996915645, -7.401959996915645])
def test_a_power_whose_other_tail_scipy_has_no_number_for_is_that_of_simulated_tests(effect):
    """The power of two pairs is .59 here, so that two are too few."""
    samples = np.random.default_rng(2).normal(effect, 1.0, (20_000, 2))
    found = np.mean(stats.ttest_1samp(samples, 0.0, axis=1).pvalue <= 0.05)
    assert paired_power(effect, 2) == pytest.approx(found, abs=4 * math.sqrt(0.25 / 20_000))
    assert pairs_needed(effect, 1.0) == 3


def test_differences_that_rounding_alone_tells_apart_have_no_spread_to_plan_with():
    """0.03 three times, up to the rounding of the subtractions."""
    deviation = float(np.std([0.703 - 0.673, 0.713 - 0.683, 0.723 - 0.693], ddof=1))
    assert 0 < deviation < 1e-15
    assert pairs_needed(0.01, deviation) is None
