"""Properties of MulT's stacks in both layouts; test_mult.py compares the system with its oracle."""

import numpy as np
import pytest
import torch

from sugrm.modules.dense.frames import PackedFrames, PaddedFrames
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.multimodal_transformer import EmbeddedStack
from tests.sugrm.modules.mult_oracle import stacked, weights_of

WIDTH, HEADS = 8, 2


def stack_of(*, future_mask=True, layers=2):
    torch.manual_seed(0)
    return EmbeddedStack(
        WIDTH, heads=HEADS, layers=layers, dropouts=Dropouts(), future_mask=future_mask
    )


@pytest.fixture(params=[PaddedFrames, PackedFrames])
def run(request):
    """Return a function from (stack, sequence, source) to [B, T, D], by default of full lengths."""

    def laid_out(sequence, lengths):
        full = torch.full((len(sequence),), sequence.shape[1])
        frames = request.param(full if lengths is None else lengths, sequence.shape[1])
        return frames.arrange(sequence), frames

    def result(module, sequence, source=None, *, lengths=None):
        given = None if source is None else laid_out(source, lengths)
        return module(*laid_out(sequence, None), given).view_as(sequence)

    return result


@pytest.mark.parametrize("future_mask", [True, False])
@pytest.mark.parametrize("source_steps", [None, 4, 7])
def test_a_stack_equals_its_equations_written_out(run, source_steps, future_mask):
    module = stack_of(future_mask=future_mask)
    sequence = torch.randn(1, 4, WIDTH)
    source = None if source_steps is None else torch.randn(1, source_steps, WIDTH)
    found = run(module, sequence, source)
    expected = stacked(
        sequence[0].double().numpy(),
        None if source is None else source[0].double().numpy(),
        weights_of(module.stack),
        heads=HEADS,
        future_mask=future_mask,
    )
    np.testing.assert_allclose(found[0].detach(), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("crossmodal", [True, False])
@pytest.mark.parametrize("step", [0, 2, 4])
def test_with_the_future_mask_a_step_does_not_depend_on_later_frames(run, step, crossmodal):
    module = stack_of(layers=3)
    sequence, keys = torch.randn(1, 6, WIDTH), torch.randn(1, 6, WIDTH)
    changed = keys.clone()
    changed[:, step + 1 :] = torch.randn(5 - step, WIDTH)
    if crossmodal:
        before, after = run(module, sequence, keys), run(module, sequence, changed)
    else:
        before, after = run(module, keys), run(module, changed)
    torch.testing.assert_close(after[:, : step + 1], before[:, : step + 1])
    assert not torch.allclose(after[:, step + 1 :], before[:, step + 1 :])


def test_with_unequal_lengths_the_future_begins_as_many_keys_later(run):
    """T = 4 and K = 6: step 1 sees keys 0 to 1 + 2."""
    module = stack_of(layers=1)
    sequence, keys = torch.randn(1, 4, WIDTH), torch.randn(1, 6, WIDTH)
    before = run(module, sequence, keys)[0, 1]
    for key in range(6):
        changed = keys.clone()
        changed[:, key] += torch.randn(WIDTH)
        after = run(module, sequence, changed)[0, 1]
        assert torch.allclose(after, before) == (key > 3)


def test_without_the_future_mask_the_first_step_sees_the_last_frame(run):
    module = stack_of(future_mask=False)
    sequence, keys = torch.randn(1, 6, WIDTH), torch.randn(1, 6, WIDTH)
    changed = keys.clone()
    changed[:, -1] += torch.randn(WIDTH)
    before = run(module, sequence, keys)
    after = run(module, sequence, changed)
    assert not torch.allclose(after[:, 0], before[:, 0])


def test_an_absent_source_is_not_attended_while_the_target_goes_on(run):
    module = stack_of()
    sequence, source = torch.randn(2, 3, WIDTH), torch.randn(2, 5, WIDTH)
    lengths = torch.tensor([0, 5])
    before = run(module, sequence, source, lengths=lengths)
    after = run(module, sequence, source + torch.randn(5, WIDTH), lengths=lengths)
    torch.testing.assert_close(after[0], before[0])
    assert not torch.allclose(after[1], before[1])
    other = run(module, sequence.flip(0), source, lengths=lengths)
    assert not torch.allclose(other[0], before[0])
