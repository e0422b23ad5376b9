import pytest
import torch
from torch import nn

from sugrm.modules.sparse.weights import folded, mapped, normalised, stacked


@pytest.fixture
def linears():
    torch.manual_seed(0)
    return [nn.Linear(4, 3) for _ in range(4)]


def test_a_norm_is_folded_into_the_maps_that_follow_it(linears):
    norms = [nn.LayerNorm(4) for _ in linears]
    for norm in norms:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    rows = torch.randn(5, 4)
    joint = mapped(folded(linears, norms, groups=2), normalised(rows), sizes=(2, 3), uniform=False)
    for group, part in ((0, rows[:2]), (1, rows[2:])):
        own = range(2 * group, 2 * group + 2)
        expected = torch.cat([linears[i](norms[i](part)) for i in own], dim=1)
        torch.testing.assert_close(joint[2 * group : 2 + 3 * group], expected)


def test_groups_of_equal_sizes_are_mapped_at_once_to_the_same_numbers(linears):
    rows = torch.randn(8, 4)
    weights = stacked(linears)
    found = mapped(weights, rows, sizes=(2,) * 4, uniform=True)
    torch.testing.assert_close(found, mapped(weights, rows, sizes=(2,) * 4, uniform=False))
