"""Attention against a loop over queries and keys, and against torch's own."""

import numpy as np
import pytest
import torch
from torch import nn

from sugrm.modules.attention import Attention
from sugrm.modules.dense.visible import visible_keys
from tests.sugrm.modules.mult_oracle import attended, weights_of

WIDTH, HEADS = 8, 2


@pytest.fixture
def attention():
    torch.manual_seed(0)
    module = Attention(WIDTH, HEADS, dropout=0.0)
    nn.init.normal_(module.bias)
    return module


def everything(queries, keys, *, future_mask):
    lengths = torch.full((len(queries),), queries.shape[1])
    key_lengths = torch.full((len(keys),), keys.shape[1])
    return visible_keys(
        lengths,
        key_lengths,
        steps=queries.shape[1],
        key_steps=keys.shape[1],
        future_mask=future_mask,
    )


@pytest.mark.parametrize("future_mask", [True, False])
@pytest.mark.parametrize(("steps", "key_steps"), [(4, 4), (3, 7), (7, 3)])
def test_attention_equals_a_loop_over_queries_and_keys(attention, steps, key_steps, future_mask):
    queries, keys = torch.randn(1, steps, WIDTH), torch.randn(1, key_steps, WIDTH)
    found = attention(queries, keys, everything(queries, keys, future_mask=future_mask))
    expected = attended(
        queries[0].double().numpy(),
        keys[0].double().numpy(),
        weights_of(attention),
        heads=HEADS,
        future_mask=future_mask,
    )
    np.testing.assert_allclose(found[0].detach(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("of_itself", [True, False])
def test_attention_is_torchs_own_with_one_mask_for_all_heads(of_itself):
    torch.manual_seed(0)
    ours = Attention(WIDTH, HEADS, dropout=0.4)
    torch.manual_seed(0)
    torchs = nn.MultiheadAttention(WIDTH, HEADS, dropout=0.4, batch_first=True)
    assert torch.equal(ours.weight, torchs.in_proj_weight)
    assert torch.equal(ours.out.weight, torchs.out_proj.weight)
    queries = torch.randn(2, 5, WIDTH)
    keys = queries if of_itself else torch.randn(2, 6, WIDTH)
    padding = torch.zeros(2, keys.shape[1], dtype=torch.bool)
    padding[1, 4:] = True
    torch.manual_seed(1)
    found = ours(queries, keys, ~padding[:, None])
    torch.manual_seed(1)
    expected, _ = torchs(queries, keys, keys, key_padding_mask=padding, need_weights=False)
    torch.testing.assert_close(found, expected)


def test_heads_divide_the_width():
    with pytest.raises(ValueError, match="width must be a multiple of heads, got 8 and 3"):
        Attention(8, 3, dropout=0.0)
