import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reports.statistics import SIGN_CHANGES, effect_size, paired_test, sign_flip_p
from reports.statistics.paired import MOST_EXACT_PAIRS


def counted_p(differences):
    """Return the two-sided p by a loop over all signings, in exact arithmetic."""
    exact = [Fraction(difference) for difference in differences]
    sums = [
        sum(sign * d for sign, d in zip(signs, exact, strict=True))
        for signs in product((1, -1), repeat=len(exact))
    ]
    at_least = sum(each >= sum(exact) for each in sums)
    at_most = sum(each <= sum(exact) for each in sums)
    return min(1.0, 2 * min(at_least, at_most) / len(sums))


def seeds(values):
    return dict(enumerate(values))


def test_the_difference_is_the_others_minus_the_baselines_over_common_seeds():
    """Seeds 2 to 4: 3 - 1 = 2, 6 - 2 = 4 and 3 - 3 = 0, mean 2."""
    test = paired_test({1: 9.0, 2: 1.0, 3: 2.0, 4: 3.0}, {2: 3.0, 3: 6.0, 4: 3.0, 5: 0.0})
    assert (test.difference.mean, test.difference.count) == (2.0, 3)
    assert (test.below, test.equal) == (0, 1)


def test_the_interval_is_scipys_for_a_paired_t_test():
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=(2, 5))
    interval = stats.ttest_rel(second, first).confidence_interval()
    summary = paired_test(seeds(first), seeds(second)).difference
    assert (summary.low, summary.high) == pytest.approx((interval.low, interval.high))


def test_two_pairs_have_a_deviation_but_no_interval_p_or_effect():
    test = paired_test(seeds([0.0, 0.0]), seeds([1.0, 2.0]))
    assert test.difference.deviation == pytest.approx(math.sqrt(0.5))
    assert (test.difference.low, test.difference.high, test.effect) == (None, None, None)
    assert test.p is None


def test_without_a_common_seed_there_is_no_test():
    assert paired_test({1: 1.0}, {2: 1.0}) is None


def test_an_undefined_difference_leaves_the_test_undefined():
    test = paired_test(seeds([0.1, 0.2, 0.3]), seeds([0.2, math.nan, 0.1]))
    assert math.isnan(test.difference.mean)
    assert (test.p, test.effect) == (None, None)


def test_five_differences_of_one_sign_have_the_smallest_p_of_five_pairs():
    assert sign_flip_p([0.1, 0.3, 0.2, 0.4, 0.1]) == 2 / 2**5


@pytest.mark.slow
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=7))
def test_p_is_that_of_counting_every_signing(differences):
    """Ties and zeros are frequent among small integers."""
    assert sign_flip_p(differences) == counted_p(differences)


def test_rounding_of_the_scores_does_not_break_ties():
    """Shares of 686 utterances that differ by 4, 1, 2 and -3 of them: 1 + 2 - 3 = 0 makes ties.

    Of the 16 sums 5 are at least the 4 seen, so p = 2 * 5 / 16; as floats one falls short of it.
    """
    first = [600 / 686, 550 / 686, 620 / 686, 593 / 686]
    second = [604 / 686, 551 / 686, 622 / 686, 590 / 686]
    differences = [b - a for a, b in zip(first, second, strict=True)]
    assert counted_p(differences) < 0.625
    assert sign_flip_p(differences) == counted_p([4, 1, 2, -3]) == 0.625


@pytest.mark.parametrize("differences", [[0.4], [0.0, 0.0, 0.0], [0.0]])
def test_one_difference_or_none_that_differs_tells_nothing(differences):
    assert sign_flip_p(differences) == 1.0


def test_no_difference_is_refused():
    with pytest.raises(ValueError, match=r"got no difference; expected one for each pair"):
        sign_flip_p([])


def test_beyond_thirteen_pairs_drawn_signings_stand_for_all():
    assert 2**MOST_EXACT_PAIRS <= SIGN_CHANGES < 2 ** (MOST_EXACT_PAIRS + 1)
    differences = list(np.random.default_rng(5).normal(0.3, 1.0, MOST_EXACT_PAIRS + 1))
    signings = np.array(list(product((1, -1), repeat=len(differences))))
    exact = np.mean(np.abs(signings @ differences) >= abs(sum(differences)) - 1e-12)
    assert 0.01 < exact < 0.5
    deviation = math.sqrt(exact * (1 - exact) / SIGN_CHANGES)
    assert sign_flip_p(differences) == pytest.approx(exact, abs=6 * deviation)
    assert sign_flip_p(differences) == sign_flip_p(differences)


def test_the_effect_is_the_mean_in_deviations_corrected_for_few_pairs():
    """Of 1, 2, 3: mean 2, deviation 1; J(2) = Γ(1) / (√1 Γ(1/2)) = 1 / √π."""
    assert effect_size([1.0, 2.0, 3.0]) == pytest.approx(2 / math.sqrt(math.pi))


@pytest.mark.parametrize(
    "differences", [[1.0, 2.0], [0.1, 0.1, 0.1], [0.0] * 4, [1.0, math.nan, 2.0]]
)
def test_without_a_spread_of_three_there_is_no_effect(differences):
    assert effect_size(differences) is None


def test_the_corrected_effect_is_right_on_average():
    """Of 5 pairs with a true effect of 1; uncorrected it would be 1 / J(4) = 1.25."""
    samples = np.random.default_rng(7).normal(1.0, 1.0, (4000, 5))
    effects = np.array([effect_size(sample) for sample in samples])
    error = effects.std() / math.sqrt(len(effects))
    assert effects.mean() == pytest.approx(1.0, abs=4 * error)
    assert 4 * error < 0.1


@pytest.mark.slow
def test_the_interval_covers_the_truth_in_95_of_100_cases():
    samples = np.random.default_rng(8).normal(0.3, 1.0, (1000, 5))
    summaries = [paired_test(dict.fromkeys(range(5), 0.0), seeds(s)).difference for s in samples]
    covered = np.mean([summary.low <= 0.3 <= summary.high for summary in summaries])
    assert covered == pytest.approx(0.95, abs=3.5 * math.sqrt(0.95 * 0.05 / 1000))


@pytest.mark.slow
@pytest.mark.parametrize("decimals", [8, 0])
def test_the_sign_flip_test_holds_its_level_on_heavy_tails_and_on_ties(decimals):
    """Six continuous differences reach p = 2/64 alone below .05, so reject that often."""
    samples = np.random.default_rng(9).standard_t(2, (1000, 6)).round(decimals)
    rejected = np.mean([sign_flip_p(sample) <= 0.05 for sample in samples])
    expected = 2 / 64
    error = math.sqrt(expected * (1 - expected) / 1000)
    assert rejected <= expected + 3.5 * error
    if decimals:
        assert rejected >= expected - 3.5 * error
