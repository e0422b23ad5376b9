import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sugrm.labels.extremes import EXTREME_WEIGHTS
from tests.sugrm.labels.oracle import oracle_repetitions


def test_the_first_of_three_batches_counts_thrice():
    """Order 4 2 | 0 1 | 3: rows 4 and 2 are listed in all three batches, row 3 in the last."""
    weights = EXTREME_WEIGHTS["shuffle"](torch.tensor([4, 2, 0, 1, 3]), 2)
    assert weights.tolist() == [2, 2, 3, 1, 3]


@pytest.mark.slow
@given(st.integers(1, 12).flatmap(lambda count: st.permutations(range(count))), st.integers(1, 15))
def test_shuffle_weights_equal_the_lists_that_the_first_pass_grows(order, batch_size):
    weights = EXTREME_WEIGHTS["shuffle"](torch.tensor(order), batch_size)
    assert weights.tolist() == oracle_repetitions(order, batch_size)


def test_equal_weights_ignore_the_order():
    assert EXTREME_WEIGHTS["equal"](torch.tensor([2, 0, 1]), 1).tolist() == [1, 1, 1]
