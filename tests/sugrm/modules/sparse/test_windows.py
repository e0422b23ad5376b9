import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from sugrm.modules.sparse.planner import layered
from sugrm.modules.sparse.rows import packed_rows
from sugrm.modules.sparse.windows import inverse, window_table


@given(
    queries=st.integers(1, 6),
    keys=st.integers(1, 40),
    stride=st.integers(1, 6),
    radius=st.integers(0, 9),
    shift=st.integers(-50, 50),
)
def test_windows_follow_the_index_formula(queries, keys, stride, radius, shift):
    """k_j = ((n + 1) stride - pf + shift + j) mod c, one Python loop for each letter."""
    window = 2 * radius + 1
    start = (torch.arange(queries) + 1) * stride - window + shift
    found = window_table(
        start, window, first=torch.full((queries,), 7), count=torch.full((queries,), keys)
    )
    for n in range(queries):
        expected = [7 + ((n + 1) * stride - window + shift + j) % keys for j in range(window)]
        assert found[:, n].tolist() == expected


def summed(windows, places):
    back = windows.back
    result = F.embedding_bag(back.order, places.flatten(0, 1), back.offsets, mode="sum")
    return result if back.undo is None else result[back.undo]


def test_every_layer_sees_one_key_later_and_its_inverse_sums_over_the_places_of_a_key():
    keys = packed_rows(torch.tensor([[3, 1], [4, 2]]))
    torch.manual_seed(0)
    owner = torch.tensor([0, 2, 2, 3])
    start = torch.tensor([-4, 1, 0, 5])
    first, count = keys.first[owner], keys.count[owner]
    table = window_table(start, 5, first=first, count=count)
    for layer, windows in enumerate(layered(table, keys, layers=3, back=True)):
        expected = window_table(start + layer, 5, first=first, count=count)
        assert windows.table.equal(expected)
        places = torch.randn(5, 4, 6)
        by_hand = torch.zeros(10, 6)
        for row, place in zip(expected.flatten(), places.flatten(0, 1), strict=True):
            by_hand[row] += place
        torch.testing.assert_close(summed(windows, places), by_hand)


def test_an_inverse_of_more_keys_than_16_bits_hold():
    table = torch.tensor([[70_000, 3], [3, 69_999]])
    back = inverse(table, 70_001)
    assert back.order.tolist() == [1, 2, 3, 0]
    assert back.offsets[[3, 4, 69_999, 70_000]].tolist() == [0, 2, 2, 3]
