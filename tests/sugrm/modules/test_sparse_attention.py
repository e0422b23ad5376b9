import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sugrm.modules.dropouts import Dropouts
from sugrm.modules.sparse_attention import SparseAttention, window_indices


@given(
    queries=st.integers(1, 6),
    keys=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    stride=st.integers(1, 6),
    radius=st.integers(0, 9),
    shift=st.integers(-50, 50),
)
def test_windows_follow_the_index_formula(queries, keys, stride, radius, shift):
    """k_j = ((n + 1) stride - pf + shift + j) mod c, one Python loop for each letter."""
    window = 2 * radius + 1
    found = window_indices(
        queries,
        torch.tensor(keys),
        stride=stride,
        window=window,
        shift=torch.full((1, 1), shift),
    )
    for b, c in enumerate(keys):
        for n in range(queries):
            expected = [((n + 1) * stride - window + shift + j) % c for j in range(window)]
            assert found[b, n].tolist() == expected


def slow_attention(attention, hidden, keys, indices):
    """One query at a time, keys gathered first and projected after, as the released code does."""
    query_input = attention.norm(hidden)
    context = attention.key_norm(keys)
    heads, width = attention.heads, hidden.shape[-1]
    result = torch.empty_like(hidden)
    for b, n in np.ndindex(hidden.shape[:2]):
        seen = context[b, indices[b, n]]
        query = attention.query(query_input[b, n]).view(heads, -1)
        key = attention.key(seen).view(len(seen), heads, -1)
        value = attention.value(seen).view(len(seen), heads, -1)
        scores = torch.einsum("hd,jhd->jh", query, key) / (width / heads) ** 0.5
        attended = torch.einsum("jh,jhd->hd", scores.softmax(0), value).reshape(width)
        result[b, n] = hidden[b, n] + attention.out(attended)
    return result


def test_attention_equals_a_loop_over_queries():
    torch.manual_seed(0)
    attention = SparseAttention(8, 2, key_width=5, dropouts=Dropouts())
    hidden, keys = torch.randn(2, 3, 8), torch.randn(2, 11, 5)
    lengths = torch.tensor([11, 4])
    indices = window_indices(3, lengths, stride=4, window=5, shift=torch.zeros(1, 1).long())
    expected = slow_attention(attention, hidden, keys, indices)
    torch.testing.assert_close(attention(hidden, keys, indices), expected)


def test_a_window_over_all_keys_equals_torchs_attention():
    torch.manual_seed(0)
    attention = SparseAttention(8, 2, key_width=8, dropouts=Dropouts())
    hidden, keys = torch.randn(2, 3, 8), torch.randn(2, 7, 8)
    indices = window_indices(
        3, torch.tensor([7, 7]), stride=1, window=7, shift=torch.zeros(1, 1).long()
    )
    dense = nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        parts = (attention.query, attention.key, attention.value)
        dense.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        dense.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
    dense.out_proj.load_state_dict(attention.out.state_dict())
    context = attention.key_norm(keys)
    attended, _ = dense(attention.norm(hidden), context, context)
    torch.testing.assert_close(attention(hidden, keys, indices), hidden + attended)


def test_the_reverse_direction_swaps_query_and_key_projections():
    torch.manual_seed(0)
    forward = SparseAttention(8, 2, key_width=8, dropouts=Dropouts())
    backward = SparseAttention(8, 2, key_width=8, dropouts=Dropouts())
    swapped = forward.state_dict()
    for kind in ("weight", "bias"):
        swapped[f"query.{kind}"], swapped[f"key.{kind}"] = (
            swapped[f"key.{kind}"],
            swapped[f"query.{kind}"],
        )
    backward.load_state_dict(swapped)
    hidden, keys = torch.randn(1, 2, 8), torch.randn(1, 4, 8)
    indices = window_indices(
        2, torch.tensor([4]), stride=1, window=3, shift=torch.ones(1, 1).long()
    )
    torch.testing.assert_close(
        forward(hidden, keys, indices, reverse=True), backward(hidden, keys, indices)
    )


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="width must be a multiple of heads, got 8 and 3"):
        SparseAttention(8, 3, key_width=None, dropouts=Dropouts())
