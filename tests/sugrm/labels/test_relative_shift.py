import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sugrm.labels.relative_shift import centre, relative_distance, shifted_label

numbers = st.floats(-5, 5, width=32)


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_a_centre_is_the_mean_of_the_rows_that_count():
    """(1 + 3) / 2 = 2 in the first column, (0 + 8) / 2 = 4 in the second."""
    features = tensor([1.0, 0.0], [50.0, 50.0], [3.0, 8.0])
    assert centre(features, torch.tensor([True, False, True])).tolist() == [2.0, 4.0]


def test_a_centre_of_nothing_is_0():
    assert centre(tensor([1.0], [2.0]), torch.tensor([False, False])).tolist() == [0.0]


def test_relative_distance_by_hand():
    """Centres 1 and -1; at 0.5 (1.5 - 0.5) / 0.5 = 2, at -0.5 (0.5 - 1.5) / 1.5 = -2/3."""
    alpha, undefined = relative_distance(
        tensor([0.5], [-0.5], [0.0]), positive=tensor(1.0), negative=tensor(-1.0)
    )
    assert alpha.tolist() == pytest.approx([2.0, -2 / 3, 0.0])
    assert not undefined.any()


def test_a_feature_on_the_positive_centre_has_no_relative_distance():
    alpha, undefined = relative_distance(tensor([1.0]), positive=tensor(1.0), negative=tensor(-1.0))
    assert alpha.isfinite().all()
    assert undefined.tolist() == [True]


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_relative_distance_has_no_unit(seed, scale):
    random = torch.Generator().manual_seed(seed)
    points = torch.randn(3, 4, dtype=torch.float64, generator=random)
    one, _ = relative_distance(points[:1], positive=points[1], negative=points[2])
    other, _ = relative_distance(
        scale * points[:1], positive=scale * points[1], negative=scale * points[2]
    )
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_the_label_is_the_mean_of_the_ratio_and_the_difference_form():
    """y_m = 1, alpha_m = 2, alpha_s = 3: ratio 1.5, difference 1 + 1 = 2, mean 1.75."""
    label, undefined = shifted_label(tensor(1.0), tensor(2.0), modality=tensor(3.0), bound=3.0)
    assert label.item() == pytest.approx(1.75)
    assert not undefined.any()


@pytest.mark.parametrize(("modality", "expected"), [(90.0, 3.0), (-90.0, -3.0)])
def test_the_label_stays_within_the_bound(modality, expected):
    label, _ = shifted_label(tensor(1.0), tensor(2.0), modality=tensor(modality), bound=3.0)
    assert label.item() == expected


def test_a_fusion_between_the_centres_keeps_the_human_label():
    label, undefined = shifted_label(tensor(1.0), tensor(0.0), modality=tensor(2.0), bound=3.0)
    assert (label.item(), undefined.item()) == (1.0, True)


@pytest.mark.parametrize("modality", [float("inf"), float("nan")])
def test_what_is_not_finite_never_becomes_a_label_that_is_none(modality):
    label, _ = shifted_label(
        tensor(0.0), tensor(float("inf")), modality=tensor(modality), bound=3.0
    )
    assert label.item() == 0.0


@pytest.mark.slow
@given(numbers.filter(lambda alpha: abs(alpha) > 0.01), st.floats(-3, 3, width=32))
def test_the_fusions_own_relative_distance_gives_the_human_label(alpha, human):
    label, _ = shifted_label(tensor(human), tensor(alpha), modality=tensor(alpha), bound=3.0)
    assert label.item() == pytest.approx(human, abs=1e-5)


@given(numbers, numbers, st.floats(-3, 3, width=32), st.sampled_from([1.0, 3.0]))
def test_labels_within_the_human_range_stay_within_the_bound(fusion, modality, human, bound):
    human = max(-bound, min(bound, human))
    label, _ = shifted_label(tensor(human), tensor(fusion), modality=tensor(modality), bound=bound)
    assert -bound <= label.item() <= bound
