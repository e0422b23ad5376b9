"""Which utterances share a product: what is grouped and cut, by hand."""

import torch

from sugrm.modules.dense.groups import CALL, group_attention


def spans(counts):
    counts = torch.tensor(counts)
    return counts.cumsum(0) - counts, counts


def sizes(queries, keys, *, heads=1, future_mask=False):
    """Return (utterances or parts, T, K) of each group; each query must be in exactly one."""
    groups = group_attention(spans(queries), spans(keys), heads=heads, future_mask=future_mask)
    rows = sum(queries)
    numbers = torch.arange(rows + 1.0)[:, None, None]
    total = torch.zeros(rows + 1, 1, 1)
    found = []
    for group in groups:
        taken = group.queries.take(torch.ones_like(numbers))
        group.queries.add(total, taken)
        found.append((*taken.shape[:2], group.keys.take(torch.zeros(sum(keys) + 1, 1, 1)).shape[1]))
    assert torch.equal(total[:rows], torch.ones(rows, 1, 1))
    return found


def test_short_utterances_share_a_product_and_long_ones_of_other_lengths_have_their_own():
    # 400 x 400 beside 200 x 200 would add 120,000 scores; 3 x 3 beside 5 x 5 adds 16.
    assert CALL == 10_000
    assert sizes([5, 400, 3, 200], [5, 400, 3, 200]) == [(1, 400, 400), (1, 200, 200), (2, 5, 5)]


def test_padding_counts_once_for_each_head():
    # 100 x 100 beside 80 x 80 adds 3,600 scores a head.
    assert sizes([100, 80], [100, 80], heads=2) == [(2, 100, 100)]
    assert sizes([100, 80], [100, 80], heads=3) == [(1, 100, 100), (1, 80, 80)]


def test_utterances_of_one_length_need_no_padding_and_share_a_product():
    assert sizes([300] * 4, [300] * 4, heads=10) == [(4, 300, 300)]


def test_the_future_mask_cuts_a_long_utterance_into_parts_with_the_keys_that_they_see():
    # Of 300 x 300 scores 44,850 are hidden, 4.5 times a call: sqrt(4.5), so 2 parts.
    found = sizes([300], [300], future_mask=True)
    assert found == [(1, 150, 150), (1, 150, 300)] or found == [(1, 150, 300), (1, 150, 150)]


def test_a_short_utterance_is_not_cut():
    assert sizes([30], [30], heads=10, future_mask=True) == [(1, 30, 30)]


def test_with_more_queries_than_keys_all_see_most_keys():
    """T = 300, K = 100: the first query sees 201 keys, so all."""
    assert sizes([300], [100], heads=100, future_mask=True) == [(1, 300, 100)]
