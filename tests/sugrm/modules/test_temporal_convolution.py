import pytest
import torch

from sugrm.modules.dense.frames import PackedFrames, PaddedFrames
from sugrm.modules.temporal_convolution import TemporalConvolution


@pytest.fixture(params=[PaddedFrames, PackedFrames])
def convolved(request):
    """Return a function from (module, sequence, lengths) to each utterance's real frames."""

    def result(module, sequence, lengths):
        frames = request.param(torch.tensor(lengths), sequence.shape[1])
        found = module(frames.arrange(sequence), frames)
        if request.param is PackedFrames:
            return found.split(lengths)
        return [rows[:length] for rows, length in zip(found, lengths, strict=True)]

    return result


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_a_frame_sees_its_neighbours_and_nothing_past_the_ends(convolved, kernel_size):
    torch.manual_seed(0)
    module = TemporalConvolution(3, 4, kernel_size=kernel_size)
    sequence = torch.randn(1, 6, 3)
    (found,) = convolved(module, sequence, [6])
    kernel, reach = module.convolution.weight, kernel_size // 2
    for t in range(6):
        near = [s for s in range(t - reach, t + reach + 1) if 0 <= s < 6]
        expected = sum(kernel[:, :, s - t + reach] @ sequence[0, s] for s in near)
        torch.testing.assert_close(found[t], expected)


def test_frames_past_an_utterances_end_do_not_leak_in(convolved):
    torch.manual_seed(0)
    module = TemporalConvolution(3, 4, kernel_size=5)
    sequence = torch.randn(2, 9, 3)
    together = convolved(module, sequence, [5, 9])
    (alone,) = convolved(module, sequence[:1, :5], [5])
    torch.testing.assert_close(together[0], alone)


def test_padding_that_is_not_a_number_does_not_leak_in(convolved):
    module = TemporalConvolution(3, 4, kernel_size=3)
    sequence = torch.full((1, 4, 3), torch.nan)
    sequence[:, :2] = 1.0
    assert convolved(module, sequence, [2])[0].isfinite().all()


def test_an_even_kernel_has_no_middle_frame():
    with pytest.raises(ValueError, match="kernel_size must be odd, got 2"):
        TemporalConvolution(3, 4, kernel_size=2)
