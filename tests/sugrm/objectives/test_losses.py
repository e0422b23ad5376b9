import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sugrm.config.sections.objective import (
    AlignedLabelsConfig,
    HumanLabelsConfig,
    ObjectiveConfig,
)
from sugrm.labels import LABEL_GENERATORS
from sugrm.objectives import LOSS_WEIGHTS, LOSSES

PREDICTIONS, TARGETS = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([1.5, 1.0, 0.5])


@pytest.mark.parametrize(
    ("name", "delta", "expected"),
    [
        ("l1", 1.0, [0.5, 3.0, 0.0]),
        ("l2", 1.0, [0.25, 9.0, 0.0]),
        ("huber", 1.0, [0.125, 2.5, 0.0]),  # 0.5^2 / 2 and 1 * (3 - 0.5)
        ("huber", 2.0, [0.125, 4.0, 0.0]),  # 2 * (3 - 1)
    ],
)
def test_errors_of_a_half_and_of_three_by_hand(name, delta, expected):
    loss = LOSSES[name](ObjectiveConfig(loss=name, huber_delta=delta))
    assert loss(PREDICTIONS, TARGETS).tolist() == pytest.approx(expected)


@given(st.sampled_from(sorted(LOSSES)), st.floats(-5, 5), st.floats(-5, 5))
def test_a_loss_is_symmetric_and_0_only_without_error(name, first, second):
    loss = LOSSES[name](ObjectiveConfig(loss=name))
    one, other = torch.tensor([first]).double(), torch.tensor([second]).double()
    assert loss(one, other).item() == loss(other, one).item() >= 0
    assert loss(one, one).item() == 0


@pytest.mark.parametrize("name", ["sugrm", "self_mm"])
def test_the_weight_of_a_label_that_differs_is_the_tanh_of_the_difference(name):
    weigh = LOSS_WEIGHTS[name](ObjectiveConfig())
    weights = weigh(torch.tensor([1.0, -2.0, 0.5]), torch.tensor([1.0, -1.0, 1.0]))
    assert weights.tolist() == pytest.approx([0.0, math.tanh(1.0), math.tanh(0.5)])


def test_the_floor_lifts_small_weights_only():
    weigh = LOSS_WEIGHTS["sugrm"](ObjectiveConfig(weight_floor=0.5))
    weights = weigh(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0]))
    assert weights.tolist() == pytest.approx([0.5, math.tanh(2.0)])


@pytest.mark.parametrize("general", [0.0, 0.2, 0.5])
def test_the_floor_of_aligned_labels_is_the_larger_of_their_own_and_the_general_one(general):
    config = ObjectiveConfig(labels=AlignedLabelsConfig(floor=0.3), weight_floor=general)
    weights = LOSS_WEIGHTS["aligned"](config)(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0]))
    assert weights.tolist() == pytest.approx([max(0.3, general), math.tanh(2.0)])


def test_human_labels_weigh_one():
    weigh = LOSS_WEIGHTS["none"](ObjectiveConfig(labels=HumanLabelsConfig()))
    assert weigh(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 1.0])).tolist() == [1.0, 1.0]


def test_every_label_generator_has_a_weight():
    assert set(LOSS_WEIGHTS) == set(LABEL_GENERATORS)
