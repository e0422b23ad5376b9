import math

import pytest

from reports.figures.interval_ends import interval_ends
from reports.statistics import summarise


def test_an_interval_is_drawn_from_three_seeds_on():
    """Of 1, 2, 3: mean 2, deviation 1, t(0.975, 2) = 4.3027, half width 4.3027 / sqrt 3."""
    low, high = interval_ends(summarise([1.0, 2.0, 3.0]))
    assert (low, high) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-4)


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0]])
def test_fewer_seeds_have_none(values):
    assert all(math.isnan(end) for end in interval_ends(summarise(values)))
