import math

import numpy as np
import pytest

from reports.statistics import mcnemar_test


def flags(text):
    return np.array([letter == "1" for letter in text], dtype=bool)


def test_only_the_utterances_that_one_system_alone_has_right_count():
    """Three against none: 2 * (1/2)^3 = 0.25."""
    test = mcnemar_test(flags("1110011"), flags("0000011"))
    assert (test.utterances, test.first_only, test.second_only, test.p) == (7, 3, 0, 0.25)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 9), (5, 5), (7, 1), (30, 14)])
def test_p_is_the_two_sided_binomial_one(first, second):
    """Twice the smaller tail of Binomial(n, 1/2), which is symmetric, 1 at most."""
    count, fewer = first + second, min(first, second)
    tail = sum(math.comb(count, k) for k in range(fewer + 1)) / 2**count
    test = mcnemar_test(flags("1" * first + "0" * second), flags("0" * first + "1" * second))
    assert test.p == pytest.approx(min(1.0, 2 * tail))


def test_swapping_the_systems_swaps_the_counts_alone():
    first, second = flags("1100110"), flags("0111100")
    one, other = mcnemar_test(first, second), mcnemar_test(second, first)
    assert (one.first_only, one.second_only) == (other.second_only, other.first_only)
    assert one.p == other.p


@pytest.mark.parametrize("right", ["", "0000", "1111"])
def test_systems_that_agree_everywhere_have_a_p_of_one(right):
    assert mcnemar_test(flags(right), flags(right)).p == 1.0


def test_other_utterances_are_refused():
    with pytest.raises(ValueError, match=r"got shapes \(2,\) and \(3,\); expected two vectors"):
        mcnemar_test(flags("10"), flags("101"))


@pytest.mark.slow
def test_two_systems_of_equal_accuracy_are_distinguished_no_more_often_than_the_level():
    generator = np.random.default_rng(4)
    right = generator.uniform(size=(1000, 2, 120)) < 0.8
    rejected = np.mean([mcnemar_test(first, second).p <= 0.05 for first, second in right])
    assert 0.01 < rejected <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1000)
