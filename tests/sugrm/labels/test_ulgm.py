import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sugrm.labels import ulgm
from tests.strategies import label_situations
from tests.sugrm.labels.oracle import oracle_bound, oracle_centres

seeds = st.integers(0, 2**32 - 1)


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_centres_are_means_of_the_counted_rows():
    """(1 + 3) / 2 = 2 and (10 * 1 + 16 * 2) / 3 = 14."""
    bank = tensor([1.0], [3.0], [10.0], [16.0])
    positive, negative = ulgm.centres(bank, tensor([1, 1, 0, 0], [0, 0, 1, 2]))
    assert (positive.item(), negative.item()) == (2.0, 14.0)


def test_label_bound_is_the_distance_of_the_extreme_means():
    """Means (3, 0) and (0, 4): 5."""
    bank = tensor([2.0, 0.0], [4.0, 0.0], [0.0, 4.0])
    assert ulgm.label_bound(bank, tensor([1, 1, 0], [0, 0, 1])).item() == 5.0


@pytest.mark.parametrize(("plus", "minus"), [((0, 0), (0, 1)), ((1, 0), (0, 0)), ((0, 0), (0, 0))])
def test_label_bound_is_0_without_an_extreme(plus, minus):
    bank = tensor([2.0], [4.0])
    assert ulgm.label_bound(bank, tensor(plus, minus)).item() == 0.0


def test_shift_size_is_the_share_of_the_bound_times_6_and_saturates():
    """Distances 1, 4 and 9 under a bound of 4: 1.5, 6 and 6."""
    fusion, modality = tensor([0.0], [0.0], [0.0]), tensor([1.0], [-4.0], [9.0])
    assert ulgm.shift_size(fusion, modality, bound=tensor(4.0)[0]).tolist() == [1.5, 6.0, 6.0]


def test_shift_size_is_0_under_an_undefined_bound():
    assert ulgm.shift_size(tensor([0.0]), tensor([1.0]), bound=tensor(0.0)[0]).tolist() == [0.0]


def test_direction_points_to_the_centre_that_the_modality_is_nearer_to():
    """Centres +1 and -1; fusion at 0 has ratio 1; at 0.5 a third; at -0.5 three."""
    positive, negative = tensor(1.0), tensor(-1.0)
    direction, undefined = ulgm.shift_direction(
        tensor([0.0], [0.0], [0.0]),
        tensor([0.5], [-0.5], [0.0]),
        positive=positive,
        negative=negative,
    )
    assert direction.tolist() == [1.0, -1.0, 0.0]
    assert not undefined.any()


@pytest.mark.parametrize(("fusion", "modality"), [(-1.0, 0.5), (0.5, -1.0), (-1.0, -1.0)])
def test_a_feature_on_the_negative_centre_has_no_direction(fusion, modality):
    direction, undefined = ulgm.shift_direction(
        tensor([fusion]), tensor([modality]), positive=tensor(1.0), negative=tensor(-1.0)
    )
    assert (direction.item(), undefined.item()) == (0.0, True)


def test_a_feature_on_the_positive_centre_points_to_plus():
    direction, undefined = ulgm.shift_direction(
        tensor([0.0]), tensor([1.0]), positive=tensor(1.0), negative=tensor(-1.0)
    )
    assert (direction.item(), undefined.item()) == (1.0, False)


def test_two_infinite_ratios_tie():
    tiny = torch.tensor([[1e-30]])
    direction, _ = ulgm.shift_direction(
        tiny, 2 * tiny, positive=torch.tensor([1e30]), negative=torch.tensor([0.0])
    )
    assert direction.item() == 0.0


@pytest.mark.parametrize(
    ("direction", "clamp", "expected"),
    [(1, None, 4.5), (1, 3.0, 3.0), (-1, None, 0.5), (0, None, 2.5), (0, 2.0, 2.5)],
)
def test_shifted_label(direction, clamp, expected):
    label = ulgm.shifted_label(tensor(2.5), tensor(direction), size=tensor(2.0), clamp=clamp)
    assert label.item() == expected


def test_momentum_by_hand():
    """Epoch 2: 1/3 * 3 + 2/3 * 0 = 1; epoch 3: 2/4 * 1 + 2/4 * -1 = 0."""
    second = ulgm.momentum_update(tensor(3.0), tensor(0.0), epoch=2)
    assert second.item() == pytest.approx(1.0)
    assert ulgm.momentum_update(second, tensor(-1.0), epoch=3).item() == pytest.approx(0.0)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=9))
def test_momentum_is_the_mean_of_the_targets_weighted_by_their_epoch(targets):
    """The recursion unrolled: y(e) = sum over k of k * target(k) / (1 + ... + e)."""
    label = tensor(0.0)
    for epoch, target in enumerate(targets, start=1):
        label = ulgm.momentum_update(label, tensor(target), epoch=epoch)
    weights = np.arange(1, len(targets) + 1)
    assert label.item() == pytest.approx(np.average(targets, weights=weights), abs=1e-9)


@given(label_situations(), st.booleans())
def test_centres_and_bound_equal_the_slow_oracle(situation, zero_is_positive):
    bank = torch.tensor(situation.bank, dtype=torch.float64)
    human = torch.tensor(situation.human)
    positive = human >= 0 if zero_is_positive else human > 0
    measured = ulgm.centres(bank, torch.stack([positive, human < 0]).double())
    expected = oracle_centres(bank.numpy(), situation.human, zero_is_positive=zero_is_positive)
    for centre, mean in zip(measured, expected, strict=True):
        np.testing.assert_allclose(centre, np.zeros(bank.shape[1]) if mean is None else mean)
    repetitions = torch.tensor(1 + situation.order)
    extremes = torch.stack([human == 3, human == -3])
    bound = ulgm.label_bound(bank, extremes * repetitions.double())
    expected = oracle_bound(bank.numpy(), situation.human, repetitions.tolist())
    assert bound.item() == pytest.approx(expected)


@given(seeds, st.integers(1, 6), st.sampled_from([0.0, 1e-20, 1.0, 1e15]))
def test_equal_features_never_shift(seed, width, scale):
    generator = torch.Generator().manual_seed(seed)
    feature, positive, negative = scale * torch.randn(3, width, generator=generator)
    direction, _ = ulgm.shift_direction(
        feature, feature.clone(), positive=positive, negative=negative
    )
    size = ulgm.shift_size(feature, feature.clone(), bound=torch.tensor(1.0))
    assert (direction.item(), size.item()) == (0.0, 0.0)


@given(seeds, st.integers(1, 6))
def test_features_mirrored_about_the_axis_of_the_centres_tie(seed, width):
    """Centres on the first axis: flipping another coordinate keeps both distances."""
    generator = torch.Generator().manual_seed(seed)
    feature = torch.randn(1, width + 1, generator=generator)
    axis = torch.eye(width + 1)[0]
    mirrored = torch.cat([feature[:, :1], -feature[:, 1:]], dim=1)
    direction, undefined = ulgm.shift_direction(feature, mirrored, positive=axis, negative=-axis)
    assert (direction.item(), undefined.item()) == (0.0, False)


@given(seeds, st.floats(0, 1e30))
def test_shift_size_lies_between_0_and_6(seed, bound):
    fusion, modality = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(seed))
    size = ulgm.shift_size(fusion, modality, bound=torch.tensor(bound, dtype=torch.float32))
    assert ((size >= 0) & (size <= 6.0 + 1e-5)).all()


def test_the_shift_spans_the_range_of_the_human_labels():
    one = torch.tensor(1.0)
    size = ulgm.shift_size(torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), bound=one)
    assert size.tolist() == [6.0]
    size = ulgm.shift_size(
        torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), bound=one, human_bound=1.0
    )
    assert size.tolist() == [2.0]
