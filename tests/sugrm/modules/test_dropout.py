import pytest
import torch

from sugrm.modules.dropout import dropout, dropout_, dropout_mask


@pytest.mark.parametrize("probability", [0.1, 0.3, 0.9])
def test_units_are_dropped_with_the_probability_and_the_rest_scaled(probability):
    torch.manual_seed(0)
    ones = torch.ones(200_000)
    found = dropout(ones, probability, training=True)
    kept = found != 0
    assert found[kept].unique().tolist() == pytest.approx([1 / (1 - probability)], rel=1e-4)
    error = (probability * (1 - probability) / len(ones)) ** 0.5
    assert float(kept.float().mean()) == pytest.approx(1 - probability, abs=4 * error)


def test_neighbours_are_dropped_independently():
    """Four of them come from one random number."""
    torch.manual_seed(0)
    kept = (dropout_mask((50_000, 4), 0.5, like=torch.ones(1)) != 0).float()
    correlation = torch.corrcoef(kept.T) - torch.eye(4)
    assert float(correlation.abs().max()) < 4 / 50_000**0.5


@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_dropped_with_probability_0_or_in_evaluation(training):
    values = torch.randn(5)
    assert dropout(values, 0.0 if training else 0.5, training=training) is values


@pytest.mark.parametrize("shape", [(), (1,), (3, 5), (0, 4)])
def test_every_shape_has_a_mask(shape):
    assert dropout_mask(shape, 0.4, like=torch.ones(1)).shape == shape


@pytest.mark.parametrize(("probability", "kept"), [(1e-9, 1.0), (1 - 1e-9, 1 / 65536)])
def test_extreme_probabilities_keep_all_or_the_least_share(probability, kept):
    mask = dropout_mask((100_000,), probability, like=torch.ones(1))
    assert set(mask.unique().tolist()) <= {0.0, 1 / kept}


def test_the_same_generator_state_gives_the_same_mask_in_place_too():
    values = torch.ones(99)
    torch.manual_seed(3)
    expected = dropout(values, 0.5, training=True)
    torch.manual_seed(3)
    assert dropout_(values, 0.5, training=True) is values
    assert values.equal(expected)


def test_gradients_pass_through_what_is_kept():
    values = torch.ones(50, requires_grad=True)
    result = dropout(values, 0.5, training=True)
    (gradient,) = torch.autograd.grad(result.sum(), values)
    assert gradient.equal(result.detach())
