"""Tensor fusion against loops over the indices of its vectors."""

import itertools

import pytest
import torch

from sugrm.modules.tensor_fusion import fused_width, tensor_fusion


@pytest.mark.parametrize("widths", [(2,), (2, 3), (2, 3, 4)])
def test_an_entry_is_the_product_of_one_entry_of_each_vector_with_its_1(widths):
    torch.manual_seed(0)
    vectors = [torch.randn(5, width) for width in widths]
    fused = tensor_fusion(vectors)
    assert fused.shape == (5, fused_width(widths))
    for row in range(5):
        factors = [[*vector[row].tolist(), 1.0] for vector in vectors]
        expected = []
        for entries in itertools.product(*factors):
            product = 1.0
            for entry in entries:
                product *= entry
            expected.append(product)
        torch.testing.assert_close(fused[row], torch.tensor(expected))


def test_the_tensor_holds_every_vector_and_every_product_of_two():
    """By hand: [2; 1] x [3, 5; 1] is [6, 10, 2, 3, 5, 1]."""
    fused = tensor_fusion([torch.tensor([[2.0]]), torch.tensor([[3.0, 5.0]])])
    assert fused.tolist() == [[6, 10, 2, 3, 5, 1]]


def test_a_zero_vector_leaves_the_products_of_the_others():
    torch.manual_seed(0)
    text, vision, audio = torch.randn(1, 2), torch.zeros(1, 3), torch.randn(1, 4)
    cube = tensor_fusion([text, vision, audio]).reshape(3, 4, 5)
    assert not cube[:, :-1].any()
    torch.testing.assert_close(cube[:, -1].reshape(1, -1), tensor_fusion([text, audio]))


def test_the_papers_tensor_has_129_by_33_by_33_entries():
    assert fused_width([128, 32, 32]) == 129 * 33 * 33
