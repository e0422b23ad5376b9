"""Texts of similar length are encoded together, with the numbers of one padded batch."""

import itertools

import pytest
import torch

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.modules.positions import real_frames
from sugrm.modules.text_encoder import load_text_encoder
from sugrm.modules.token_groups import GROUP_COST, cuts

LENGTHS = [30, 3, 4, 28, 5, 4, 3, 29, 5, 6, 4, 3, 30, 4, 5, 3, 6, 4, 3, 5]


def cost(lengths, places, group_cost):
    pieces = itertools.pairwise(places)
    return sum(group_cost + (end - start) * lengths[start] for start, end in pieces)


@pytest.mark.parametrize("group_cost", [0, 7, 20, 1000])
def test_no_other_cuts_are_cheaper(group_cost):
    lengths = [30, 29, 12, 11, 4, 4, 1]
    found = cuts(lengths, group_cost=group_cost)
    between = itertools.chain.from_iterable(
        itertools.combinations(range(1, 7), count) for count in range(7)
    )
    others = [[0, *places, 7] for places in between]
    assert cost(lengths, found, group_cost) == min(cost(lengths, o, group_cost) for o in others)


def test_texts_of_one_length_stay_together():
    assert cuts([20] * 32, group_cost=64) == [0, 32]
    assert cuts([20], group_cost=64) == [0, 1]


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return load_text_encoder("tiny", finetune=True).eval()


@pytest.fixture
def batch():
    torch.manual_seed(1)
    lengths = torch.tensor(LENGTHS)
    ids = torch.randint(5, 40, (20, 30)) * real_frames(lengths, 30)
    return ids, torch.randint(0, 2, (20, 30)), lengths


def test_states_and_gradients_equal_those_of_one_padded_batch(encoder, batch):
    real = real_frames(batch[2], 30)[..., None]
    weights = torch.randn(20, 30, encoder.width)
    found = []
    for encoder.leaves_padding in (False, True):
        encoder.zero_grad()
        states = encoder(*batch).where(real, 0)
        (states * weights).sum().backward()
        found.append([states.detach(), *(p.grad for p in encoder.parameters())])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5 * max(1, float(one.abs().max())))


def test_groups_hold_fewer_tokens_than_the_padded_batch(encoder, batch, monkeypatch):
    """Four texts of 28 to 30 tokens and sixteen of 3 to 6."""
    encoded, whole = [], encoder.states
    monkeypatch.setattr(
        encoder,
        "states",
        lambda ids, rest, **more: encoded.append(ids.shape) or whole(ids, rest, **more),
    )
    encoder.leaves_padding = True
    states = encoder(*batch)
    assert encoded == [(4, 30), (16, 6)]
    assert states.shape == (20, 30, encoder.width)
    assert not states[1, 6:].any()
    assert GROUP_COST < 16 * 24


@pytest.mark.parametrize(("side", "leaves"), [("paper", True), ("released", False)])
def test_padding_is_encoded_where_it_counts(side, leaves):
    config = resolve({"preset": ["mosi", side], "model": {"text": {"name": "tiny"}, "width": 8}})
    model = build_model(config, audio_width=2, vision_width=2)
    assert model.text_encoder.leaves_padding == leaves
