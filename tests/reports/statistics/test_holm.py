import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.statistics import holm_adjusted

ps = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_each_p_is_multiplied_by_how_many_are_no_smaller():
    """Of 3: 0.01 * 3, then 0.03 * 2, then 0.04 * 1 = 0.04, raised to the 0.06 before it."""
    assert holm_adjusted([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


def test_no_p_passes_one():
    assert holm_adjusted([0.5, 0.9]) == [1.0, 1.0]


def test_a_test_that_was_not_done_stays_and_does_not_count():
    assert holm_adjusted([None, 0.02, None]) == [None, 0.02, None]
    assert holm_adjusted([]) == []


@given(ps)
def test_it_rejects_what_the_step_down_procedure_rejects(values):
    """Holm 1979: from the smallest p on, reject while p <= alpha / (those not yet rejected)."""
    alpha, rejected = 0.3, set()
    for place in sorted(range(len(values)), key=values.__getitem__):
        if values[place] * (len(values) - len(rejected)) > alpha:
            break
        rejected.add(place)
    adjusted = holm_adjusted(values)
    assert {place for place, p in enumerate(adjusted) if p <= alpha} == rejected


def test_the_chance_of_any_false_rejection_is_held():
    """Ten true nulls, half of them the same data twice, beside two false ones."""
    generator, false = np.random.default_rng(1), 0
    for _ in range(4000):
        independent = generator.uniform(size=5)
        adjusted = holm_adjusted([1e-6, 1e-5, *independent, *independent])
        false += any(p <= 0.05 for p in adjusted[2:])
    assert false / 4000 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)


def test_of_independent_nulls_one_is_rejected_as_often_as_the_level_allows():
    """1 - (1 - 0.05 / 10)^10 = 0.0489 of families reject their smallest p."""
    families = np.random.default_rng(2).uniform(size=(4000, 10))
    false = np.mean([min(holm_adjusted(list(family))) <= 0.05 for family in families])
    assert false == pytest.approx(0.0489, abs=3.5 * math.sqrt(0.0489 * 0.951 / 4000))
