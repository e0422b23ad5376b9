import pytest
import torch
from torch import nn

from sugrm.modules.sparse.attention import windowed_attention
from sugrm.modules.sparse.windows import Windows, inverse

TABLE = torch.tensor([[4, 0, 3], [4, 1, 5], [2, 1, 0], [0, 0, 4]])  # row 6 is never seen


def rows(dtype=torch.float64):
    torch.manual_seed(0)
    return [torch.randn(size, 8, dtype=dtype, requires_grad=True) for size in (3, 7, 7)]


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 8])
def test_its_gradients_are_those_of_its_definition(heads, masked, inverted):
    """Against autograd over the plain equation, which gathers and sums over places."""
    query, key, value = rows(torch.float32)
    mask = torch.rand(4, 3, heads) if masked else None

    def plain():
        seen = key[TABLE].view(4, 3, heads, -1)
        scores = (query.view(3, heads, -1) * seen).sum(-1) / (8 / heads) ** 0.5
        weights = scores.softmax(0) * (1 if mask is None else mask)
        return (weights[..., None] * value[TABLE].view(4, 3, heads, -1)).sum(0).view(3, 8)

    windows = Windows(table=TABLE, back=inverse(TABLE, 7) if inverted else None)
    found = windowed_attention(query, (key, value), windows=windows, heads=heads, mask=mask)
    torch.testing.assert_close(found, plain())
    above = torch.randn(3, 8)
    results = [
        torch.autograd.grad(output, (query, key, value), above) for output in (found, plain())
    ]
    for own, expected in zip(*results, strict=True):
        torch.testing.assert_close(own, expected)


@pytest.mark.parametrize("inverted", [True, False])
def test_its_gradients_are_those_of_finite_differences(inverted):
    windows = Windows(table=TABLE, back=inverse(TABLE, 7) if inverted else None)
    mask = torch.rand(4, 3, 2, dtype=torch.float64)

    def attended(query, key, value):
        return windowed_attention(query, (key, value), windows=windows, heads=2, mask=mask)

    assert torch.autograd.gradcheck(attended, rows())


def test_second_derivatives_are_refused():
    """The weights are constants to the backward pass, so these would be wrong."""
    query, key, value = rows()
    found = windowed_attention(query, (key, value), windows=Windows(table=TABLE), heads=2)
    (slope,) = torch.autograd.grad(found.square().sum(), query, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


class Attended(nn.Module):
    def forward(self, query, keys):
        return windowed_attention(query, (keys, keys), windows=Windows(table=TABLE), heads=11)


@pytest.mark.slow
def test_exporting_leaves_nothing_behind():
    """With as many heads as no other test has, so that nothing is in the cache."""
    inputs = torch.rand(3, 22), torch.rand(7, 22)
    program = torch.export.export(Attended(), inputs, strict=False).module()
    torch.testing.assert_close(Attended()(*inputs), program(*inputs))


def test_without_gradients_it_gives_the_same():
    query, key, value = rows()
    windows = Windows(table=TABLE)
    expected = windowed_attention(query, (key, value), windows=windows, heads=2)
    with torch.no_grad():
        assert windowed_attention(query, (key, value), windows=windows, heads=2).equal(expected)


def test_a_window_over_all_keys_equals_torchs_attention():
    query, key, value = rows(torch.float32)
    table = torch.arange(7)[:, None].expand(-1, 3)
    dense = nn.functional.scaled_dot_product_attention(
        *(part.view(1, len(part), 2, 4).transpose(1, 2) for part in (query, key, value))
    )
    found = windowed_attention(query, (key, value), windows=Windows(table=table), heads=2)
    torch.testing.assert_close(found, dense[0].transpose(0, 1).reshape(3, 8))
