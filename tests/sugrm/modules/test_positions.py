import math

import torch

from sugrm.modules.positions import add_positions, last_frame, real_frames, sinusoids


def test_the_first_frame_has_position_one():
    """Width 4 has two frequencies, 1 and 1/10000: sin(1), sin(1e-4), cos(1), cos(1e-4)."""
    first = sinusoids(3, 4, device=torch.device("cpu"))[0]
    expected = [math.sin(1), math.sin(1e-4), math.cos(1), math.cos(1e-4)]
    torch.testing.assert_close(first, torch.tensor(expected))


def test_an_odd_last_feature_is_zero():
    assert not sinusoids(7, 5, device=torch.device("cpu"))[:, 4].any()


def test_narrow_widths_are_finite():
    for width in (1, 2, 3):
        assert sinusoids(9, width, device=torch.device("cpu")).isfinite().all()


def test_a_longer_table_begins_with_the_shorter_one():
    cpu = torch.device("cpu")
    torch.testing.assert_close(
        sinusoids(70, 6, device=cpu)[:5], sinusoids(5, 6, device=cpu), rtol=0, atol=0
    )


def test_a_frame_that_begins_with_zero_gets_no_position_where_such_frames_are_skipped():
    frames = torch.ones(1, 3, 4)
    frames[0, 1, 0] = 0
    moved = add_positions(frames, skip_zero_frames=True)
    assert torch.equal(moved[0, 1], frames[0, 1])
    assert not torch.equal(moved[0, 2], frames[0, 2])
    assert not torch.equal(add_positions(frames, skip_zero_frames=False)[0, 1], frames[0, 1])


def test_last_frame_is_each_utterances_own():
    sequence = torch.arange(6.0).view(2, 3, 1)
    lengths = torch.tensor([2, 3])
    assert last_frame(sequence, lengths).flatten().tolist() == [1.0, 5.0]


def test_real_frames_are_those_before_the_length():
    assert real_frames(torch.tensor([0, 2]), 3).tolist() == [[False] * 3, [True, True, False]]
