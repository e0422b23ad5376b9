from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reports.figures.thinning import POINTS, thinned


def test_a_few_points_are_all_drawn():
    assert thinned(0) == []
    assert thinned(POINTS) == list(range(POINTS))


@given(st.integers(POINTS + 1, 20_000))
def test_of_many_as_many_as_allowed_are_drawn_from_first_to_last_and_none_twice(count):
    places = thinned(count)
    assert len(set(places)) == len(places) == POINTS
    assert (places[0], places[-1]) == (0, count - 1)
    gaps = {later - earlier for earlier, later in pairwise(places)}
    assert max(gaps) - min(gaps) <= 1
