import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugrm.data.reading.padding import (
    Side,
    find_side,
    found_extent,
    real_frames,
    stated_extent,
    stated_side,
)

STEPS = 7


def padded(lengths, *, front=False):
    """Return [N, T], True for ``length`` frames at one end of each row."""
    places = np.arange(STEPS)
    lengths = np.array(lengths)[:, None]
    return places >= STEPS - lengths if front else places < lengths


def test_a_frame_is_real_if_it_holds_a_finite_number_other_than_0():
    frames = np.zeros((1, 5, 2))
    frames[0, :4, 1] = [1.0, np.nan, np.inf, -0.5]
    assert real_frames(frames).tolist() == [[True, False, False, True, False]]


@given(st.lists(st.integers(0, STEPS), min_size=1, max_size=8), st.booleans())
def test_the_extent_of_padded_rows_is_their_length_on_their_side(lengths, front):
    real = padded(lengths, front=front)
    extent = found_extent(real, find_side([real]))
    assert extent.lengths.tolist() == lengths
    for row, (start, length) in enumerate(zip(extent.starts, extent.lengths, strict=True)):
        assert real[row, start : start + length].all()
    if any(0 < length < STEPS for length in lengths):
        assert extent.side is (Side.FRONT if front else Side.BACK)
    else:
        assert extent.side is Side.NONE


@pytest.mark.slow
@given(st.lists(st.integers(0, STEPS), min_size=1, max_size=8), st.booleans())
def test_stated_lengths_that_hold_leave_nothing_outside(lengths, front):
    real, stated = padded(lengths, front=front), np.array(lengths)
    extent, outside = stated_extent(real, stated, side=stated_side([(real, stated)]))
    assert (extent.lengths.tolist(), outside.tolist()) == (lengths, [])


@pytest.mark.parametrize("front", [True, False])
def test_single_rows_may_begin_or_end_with_silence(front):
    """Three of four rows are padded on one side; the fourth has a silent frame on the other."""
    real = padded([3, 4, 5, 7], front=front)
    real[3, -1 if front else 0] = False
    side = Side.FRONT if front else Side.BACK
    assert find_side([real]) is side
    assert found_extent(real, side).lengths.tolist() == [3, 4, 5, 7]


def test_as_many_rows_on_both_sides_count_as_padded_at_the_back():
    real = np.array([[False, True], [True, False]])
    assert find_side([real]) is Side.BACK
    assert found_extent(real, Side.BACK).lengths.tolist() == [2, 1]


def test_a_side_may_be_given():
    real = np.array([[False, True, False]])
    assert found_extent(real, Side.FRONT).starts.tolist() == [1]
    assert found_extent(real, Side.BACK).lengths.tolist() == [2]


@pytest.mark.parametrize("front", [True, False])
def test_rows_with_real_frames_outside_a_stated_length_are_named(front):
    real = padded([3, 4, 5, 6], front=front)
    stated = np.array([3, 2, 5, 1])
    side = stated_side([(real, stated)])
    _, outside = stated_extent(real, stated, side=side)
    assert outside.tolist() == [1, 3]
    assert side is (Side.FRONT if front else Side.BACK)
