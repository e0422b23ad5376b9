"""Grouped attention against PyTorch's own, one utterance at a time."""

import pytest
import torch
from torch.nn import functional as F

from sugrm.modules.dense.attention import grouped_attention
from sugrm.modules.dense.groups import group_attention

HEADS, WIDTH = 2, 8
QUERIES, KEYS = [5, 1, 9, 9, 40, 3], [7, 4, 9, 2, 70, 3]


def spans(counts):
    counts = torch.tensor(counts)
    return counts.cumsum(0) - counts, counts


def projected(dtype=torch.float64):
    torch.manual_seed(0)
    rows = sum(QUERIES), sum(KEYS), sum(KEYS)
    return [torch.randn(n, WIDTH, dtype=dtype, requires_grad=True) for n in rows]


def alone(query, key, value, *, future_mask):
    """Return the rows of every utterance by itself."""
    result = []
    split = (query.split(QUERIES), key.split(KEYS), value.split(KEYS))
    for own in zip(*split, strict=True):
        q, k, v = (rows.view(len(rows), HEADS, -1).transpose(0, 1) for rows in own)
        steps, keys = q.shape[1], k.shape[1]
        latest = torch.arange(steps)[:, None] + (abs(keys - steps) if future_mask else keys)
        seen = torch.arange(keys) <= latest
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        result.append(attended.transpose(0, 1).flatten(1))
    return torch.cat(result)


@pytest.mark.parametrize("future_mask", [True, False])
@pytest.mark.parametrize("call", [1, 300, 10**9])  # parts of utterances, some groups, one group
def test_groups_give_every_utterance_what_it_gives_alone(monkeypatch, call, future_mask):
    monkeypatch.setattr("sugrm.modules.dense.groups.CALL", call)
    groups = group_attention(spans(QUERIES), spans(KEYS), heads=HEADS, future_mask=future_mask)
    given = projected()
    found = grouped_attention(given, groups, heads=HEADS, dropout=0.0)
    expected = alone(*given, future_mask=future_mask)
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(found)
    gradients = torch.autograd.grad((found * weights).sum(), given)
    for mine, theirs in zip(
        gradients, torch.autograd.grad((expected * weights).sum(), given), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


def test_dropout_zeroes_weights_and_its_gradients_follow_the_same_mask():
    """With the mask fixed by the seed, gradients equal the differences of the results."""
    groups = group_attention(spans(QUERIES), spans(KEYS), heads=HEADS, future_mask=True)

    def attended(*rows):
        torch.manual_seed(1)
        return grouped_attention(rows, groups, heads=HEADS, dropout=0.4)

    given = projected()
    kept = grouped_attention(given, groups, heads=HEADS, dropout=0.0)
    assert not torch.allclose(attended(*given), kept)
    assert torch.autograd.gradcheck(attended, given, fast_mode=True)


def test_without_gradients_the_numbers_are_the_same():
    groups = group_attention(spans(QUERIES), spans(KEYS), heads=HEADS, future_mask=False)
    given = projected(torch.float32)
    expected = grouped_attention(given, groups, heads=HEADS, dropout=0.0)
    with torch.no_grad():
        found = grouped_attention(given, groups, heads=HEADS, dropout=0.0)
    assert not found.requires_grad
    assert torch.equal(found, expected)


def test_under_autocast_the_weights_are_computed_in_single_precision():
    groups = group_attention(spans(QUERIES), spans(KEYS), heads=HEADS, future_mask=True)
    given = [rows.detach().bfloat16().requires_grad_() for rows in projected()]
    expected = alone(*(rows.float() for rows in given), future_mask=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = grouped_attention(given, groups, heads=HEADS, dropout=0.0)
        found.sum().backward()
    torch.testing.assert_close(found, expected)
    assert all(rows.grad.dtype is torch.bfloat16 for rows in given)
