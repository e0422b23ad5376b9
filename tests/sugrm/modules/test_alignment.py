"""The CTC alignment module against a loop over frames and places."""

import pytest
import torch

from sugrm.modules.alignment import CtcAlignment
from sugrm.objectives.auxiliary import alignment_loss


@pytest.fixture
def module():
    torch.manual_seed(0)
    return CtcAlignment(in_width=3, places=6).eval()


def test_a_place_is_the_sum_of_the_frames_by_their_probability(module):
    sequence = torch.randn(1, 5, 3)
    aligned, lengths, _ = module(sequence, torch.tensor([5]), torch.tensor([4]), steps=4)
    probabilities = module.scores(sequence)[0].softmax(-1)
    for place in range(4):
        expected = sum(probabilities[0, t, place + 1] * sequence[0, t] for t in range(5))
        torch.testing.assert_close(aligned[0, place], expected)
    assert lengths.tolist() == [4]


def test_padding_belongs_to_no_place_and_places_past_the_text_are_zero(module):
    sequence = torch.randn(2, 7, 3)
    frames, tokens = torch.tensor([4, 7]), torch.tensor([2, 5])
    together, lengths, _ = module(sequence, frames, tokens, steps=5)
    alone, _, _ = module(sequence[:1, :4], frames[:1], tokens[:1], steps=2)
    torch.testing.assert_close(together[0, :2], alone[0])
    assert not together[0, 2:].any()
    assert lengths.tolist() == [2, 5]


def test_an_absent_stream_stays_absent(module):
    aligned, lengths, scores = module(
        torch.randn(1, 3, 3), torch.tensor([0]), torch.tensor([2]), steps=2
    )
    assert not aligned.any()
    assert lengths.tolist() == [0]
    assert float(alignment_loss(scores).detach()) == 0.0


def test_training_on_the_ctc_loss_finds_places_in_order():
    """Six frames that name their place outright: after training each place weighs its frame."""
    torch.manual_seed(0)
    module = CtcAlignment(in_width=3, places=3)
    frames = torch.eye(3).repeat_interleave(2, 0)[None].repeat(2, 1, 1) * 2
    lengths, tokens = torch.tensor([6, 6]), torch.tensor([3, 3])
    optimiser = torch.optim.Adam(module.parameters(), lr=0.05)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        _, _, scores = module(frames, lengths, tokens, steps=3)
        loss = alignment_loss(scores)
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 2
