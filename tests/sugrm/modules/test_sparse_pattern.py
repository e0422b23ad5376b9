import math

import pytest
import torch

from sugrm.modules.sparse_pattern import SparsePattern


def test_the_phase_follows_the_formula_for_each_utterances_own_length():
    """trunc(T sin(n / 4)): int() truncates towards 0, -0.1 gives 0, not -1."""
    rows = [(place, frames) for frames in (123, 31, 1) for place in range(25)]
    place, frames = torch.tensor(rows).T  # sin(n / 4) is negative from n = 13 on
    expected = [int(length * math.sin(n / 4)) for n, length in rows]
    assert SparsePattern().phase_shift(place, frames).tolist() == expected
    assert not SparsePattern(phase=False).phase_shift(place, frames).any()


def test_phase_noise_is_a_whole_number_below_its_bound():
    """Stride 50 of 400 frames: randint(0, ceil(0.05 * 400 / 8)) is 0, 1 or 2."""
    torch.manual_seed(0)
    noise = SparsePattern(stride=50).noise(torch.full((1600,), 400), torch.full((1600,), 8))
    assert set(noise.tolist()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("stride", "phase", "noisy"), [(20, True, False), (21, True, True), (21, False, False)]
)
def test_only_a_step_of_more_than_20_frames_has_noise(stride, phase, noisy):
    assert SparsePattern(stride=stride, phase=phase).noisy is noisy
