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


def weights_of(human, repetitions=None, *, zero_is_positive=False):
    human = torch.tensor(human)
    repetitions = torch.ones(len(human)) if repetitions is None else torch.tensor(repetitions)
    return ulgm.mean_weights(human, repetitions, zero_is_positive=zero_is_positive)


def direction_of(fusion, modality, *, positive, negative):
    """Return the direction of the shift, and True where one of the two ratios is undefined."""
    centres = torch.stack([positive, negative])
    fusion_ratio, fusion_undefined = ulgm.distance_ratio(fusion, centres)
    modality_ratio, modality_undefined = ulgm.distance_ratio(modality, centres)
    direction = ulgm.shift_direction(fusion_ratio, modality_ratio)
    return direction, fusion_undefined | modality_undefined


def test_weights_are_shares_of_the_utterances_that_count():
    """Positive: 3, 1 and 3. Negative: -3. Labelled +3: twice and once, of three times."""
    weights = weights_of([3.0, 1.0, 3.0, -3.0, 0.0], [2, 5, 1, 4, 7])
    expected = tensor(
        [1 / 3, 1 / 3, 1 / 3, 0, 0], [0, 0, 0, 1, 0], [2 / 3, 0, 1 / 3, 0, 0], [0, 0, 0, 1, 0]
    )
    torch.testing.assert_close(weights, expected)


def test_label_0_counts_to_the_positive_centre_where_asked_for():
    assert weights_of([1.0, 0.0], zero_is_positive=True)[0].tolist() == [0.5, 0.5]
    assert weights_of([1.0, 0.0], zero_is_positive=False)[0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("human", [[2.0, -3.0], [3.0, -2.0], [2.0, -2.0]])
def test_without_one_extreme_none_counts(human):
    weights = weights_of(human)
    assert weights[:2].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert not weights[2:].any()


def test_means_move_by_the_weighted_change():
    """Means 4 and 2, a row of weight 1/2 and 0 changes by 6, one of weight 0 and 1/4 by -4."""
    moved = ulgm.moved_means(
        tensor([4.0], [2.0]), tensor([0.5, 0.0], [0.0, 0.25]), change=tensor([6.0], [-4.0])
    )
    assert moved.tolist() == [[7.0], [1.0]]


def test_label_bound_is_the_distance_of_the_extreme_means():
    """Means (3, 0) and (0, 4): 5."""
    assert ulgm.label_bound(tensor(3.0, 0.0), tensor(0.0, 4.0)).item() == 5.0


def test_shift_size_is_the_share_of_the_bound_times_6_and_saturates():
    """Distances 1, 4 and 9 under a bound of 4: 1.5, 6 and 6."""
    fusion, modality = tensor([0.0], [0.0], [0.0]), tensor([1.0], [-4.0], [9.0])
    assert ulgm.shift_size(fusion, modality, bound=tensor(4.0)[0]).tolist() == [1.5, 6.0, 6.0]


def test_shift_size_is_0_under_an_undefined_bound():
    assert ulgm.shift_size(tensor([0.0]), tensor([1.0]), bound=tensor(0.0)[0]).tolist() == [0.0]


def test_direction_points_to_the_centre_that_the_modality_is_nearer_to():
    """Centres +1 and -1; fusion at 0 has ratio 1; at 0.5 a third; at -0.5 three."""
    positive, negative = tensor(1.0), tensor(-1.0)
    direction, undefined = direction_of(
        tensor([0.0], [0.0], [0.0]),
        tensor([0.5], [-0.5], [0.0]),
        positive=positive,
        negative=negative,
    )
    assert direction.tolist() == [1.0, -1.0, 0.0]
    assert not undefined.any()


def test_ratios_are_distances_to_the_positive_centre_over_those_to_the_negative():
    """Points (0, 0), (3, 4) and (6, 0), centres (0, 4) and (3, 0): 4/3, 3/4 and sqrt(52)/3."""
    points = tensor([0.0, 0.0], [3.0, 4.0], [6.0, 0.0])
    ratio, undefined = ulgm.distance_ratio(points, tensor([0.0, 4.0], [3.0, 0.0]))
    assert ratio.tolist() == pytest.approx([4 / 3, 3 / 4, 52**0.5 / 3])
    assert not undefined.any()


def test_the_ratio_of_a_feature_on_the_negative_centre_is_undefined():
    """Centres +1 and -1: the features 3 and 0 have the ratios 2/4 and 1."""
    ratio, undefined = ulgm.distance_ratio(tensor([3.0], [-1.0], [0.0]), tensor([1.0], [-1.0]))
    assert ratio[[0, 2]].tolist() == [0.5, 1.0]
    assert undefined.tolist() == [False, True, False]


def test_a_feature_on_the_positive_centre_points_to_plus():
    direction, undefined = direction_of(
        tensor([0.0])[None], tensor([1.0])[None], positive=tensor(1.0), negative=tensor(-1.0)
    )
    assert (direction.item(), undefined.item()) == (1.0, False)


def test_ratios_that_are_both_infinite_or_not_numbers_tie():
    fusion, modality = tensor(np.inf, np.nan, 1.0, 1.0), tensor(np.inf, 1.0, np.nan, np.inf)
    assert ulgm.shift_direction(fusion, modality).tolist() == [0.0, 0.0, 0.0, -1.0]


def test_ratios_that_overflow_are_defined():
    far, near = torch.tensor([1e30]), torch.tensor([0.0])
    direction, undefined = direction_of(
        torch.tensor([[1e-18]]), torch.tensor([[2e-18]]), positive=far, negative=near
    )
    assert (direction.item(), undefined.item()) == (0.0, False)


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


@pytest.mark.slow
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=9))
def test_momentum_is_the_mean_of_the_targets_weighted_by_their_epoch(targets):
    """The recursion unrolled: y(e) = sum over k of k * target(k) / (1 + ... + e)."""
    label = tensor(0.0)
    for epoch, target in enumerate(targets, start=1):
        label = ulgm.momentum_update(label, tensor(target), epoch=epoch)
    weights = np.arange(1, len(targets) + 1)
    assert label.item() == pytest.approx(np.average(targets, weights=weights), abs=1e-9)


@pytest.mark.slow
@given(label_situations(), st.booleans())
def test_centres_and_bound_equal_the_slow_oracle(situation, zero_is_positive):
    bank = torch.tensor(situation.bank, dtype=torch.float64)
    repetitions = 1 + situation.order
    weights = weights_of(situation.human, repetitions, zero_is_positive=zero_is_positive)
    *centres, highest, lowest = weights @ bank
    expected = oracle_centres(bank.numpy(), situation.human, zero_is_positive=zero_is_positive)
    for centre, mean in zip(centres, expected, strict=True):
        mean = np.zeros(bank.shape[1]) if mean is None else mean
        np.testing.assert_allclose(centre, mean, atol=1e-12)
    expected = oracle_bound(bank.numpy(), situation.human, repetitions.tolist())
    assert ulgm.label_bound(highest, lowest).item() == pytest.approx(expected)


@pytest.mark.slow
@given(seeds, st.integers(1, 6), st.sampled_from([0.0, 1e-20, 1.0, 1e15]))
def test_equal_features_never_shift(seed, width, scale):
    generator = torch.Generator().manual_seed(seed)
    feature, positive, negative = scale * torch.randn(3, width, generator=generator)
    direction, _ = direction_of(
        feature[None], feature[None].clone(), positive=positive, negative=negative
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
    direction, undefined = direction_of(feature, mirrored, positive=axis, negative=-axis)
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
