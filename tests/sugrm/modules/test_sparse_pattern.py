import math

import pytest
import torch

from sugrm.modules.sparse_pattern import SparsePattern


@pytest.mark.parametrize("layer", [0, 3])
def test_the_phase_follows_the_formula_for_each_utterances_own_length(layer):
    """Shift = layer + trunc(T sin(n / 4)): int() truncates towards 0, -0.1 gives 0, not -1."""
    frames = [123, 31, 1]
    queries = 25  # sin(n / 4) is negative from n = 13 on
    found = SparsePattern().phase_shift(
        queries,
        torch.tensor(frames),
        steps=torch.tensor([25, 7, 1]),
        layer=layer,
        training=False,
    )
    for row, length in enumerate(frames):
        expected = [layer + int(length * math.sin(n / 4)) for n in range(queries)]
        assert found[row].tolist() == expected


def test_phase_noise_is_a_whole_number_below_its_bound():
    """Stride 50 of 400 frames: randint(0, ceil(0.05 * 400 / 8)) is 0, 1 or 2."""
    torch.manual_seed(0)
    pattern = SparsePattern(stride=50)
    frames, steps = torch.full((200,), 400), torch.full((200,), 8)
    noisy, plain = (
        pattern.phase_shift(8, frames, steps=steps, layer=0, training=training)
        for training in (True, False)
    )
    assert set((noisy - plain).flatten().tolist()) == {0, 1, 2}
