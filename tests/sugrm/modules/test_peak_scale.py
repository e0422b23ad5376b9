import torch

from sugrm.modules.peak_scale import PeakScale


def test_features_are_divided_by_the_largest_magnitude_so_far():
    """Peaks 4 and 2; then 8 raises the first alone; a feature that is always 0 stays 0."""
    scale = PeakScale(3)
    first = scale(torch.tensor([[[2.0, -2.0, 0.0], [-4.0, 1.0, 0.0]]]))
    assert first.tolist() == [[[0.5, -1.0, 0.0], [-1.0, 0.5, 0.0]]]
    second = scale(torch.tensor([[[8.0, 1.0, 0.0]]]))
    assert second.tolist() == [[[1.0, 0.5, 0.0]]]


def test_no_gradient_passes():
    frames = torch.ones(1, 2, 3, requires_grad=True)
    assert not PeakScale(3)(frames).requires_grad
