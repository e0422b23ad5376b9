"""Unimodal label generation (ULGM): a label for each modality from where its feature lies.

The distance between a modality's feature F*_s and the fusion's F*_m says how far the modality's
label y_s lies from the human label y_m; which of the two lies nearer, relatively, to the centre
of the positive utterances says in which direction.

Source: Section 3.3 of the paper. Every function is pure, batched and free of host
synchronisation. The paper's labels lie in [-3, 3]; for labels in [-b, b] its 3 is b and its 6 is
2b. Where an equation has no value (no utterance for a mean, a division by 0) `mean_weights`,
`label_bound` and `shift_size` give 0 and `distance_ratio` a mask; `sugrm.labels.state.update_state`
then keeps the human label.

The paper's four means are kept in float64 and moved by what a batch changes in the bank of
features, instead of being taken over all N utterances at every step. After 50,000 steps they are
still the means over the bank to about 12 digits, far beyond the float32 of the features.
"""

import torch
from torch import Tensor

from sugrm.types import LABEL_BOUND


def mean_weights(
    human: Tensor, repetitions: Tensor, *, zero_is_positive: bool, bound: float = LABEL_BOUND
) -> Tensor:
    """Return the weight of each utterance in the four means of fusion features.

    The means are those of the utterances with positive and with negative labels (the centres), and
    of those labelled +b and -b (for D_max). They are ``weights @ bank`` for a bank [N, D].

    Args:
        human: [N] human labels y_m in [-b, b].
        repetitions: [N] number of times that an utterance counts if its label is +b or -b.
        zero_is_positive: True counts label 0 to the positive centre, as the released code does;
            False to neither.
        bound: b, the largest absolute human label.

    Returns:
        [4, N] float64. A row sums to 1; it is 0 where no utterance counts. The rows of +b and -b
        are both 0 where one of them has no utterance, so that D_max is 0 there.
    """
    positive = human >= 0 if zero_is_positive else human > 0
    signs = torch.stack([positive, human < 0]).double()
    extremes = torch.stack([human == bound, human == -bound]) * repetitions.double()
    extremes = extremes * (extremes.sum(dim=1) > 0).all()
    counts = torch.cat([signs, extremes])
    # A sum of counts is 0 or at least 1, so the clamp alters nothing but a division by 0.
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)


def moved_means(means: Tensor, weights: Tensor, *, change: Tensor) -> Tensor:
    """Return the means after some rows of the bank have changed.

    Args:
        means: [4, D] float64 means before, in the order of `mean_weights`.
        weights: [4, B] float64 weights of the rows that change.
        change: [B, D] float64 new features minus old features of these rows.
    """
    return torch.addmm(means, weights, change)


def label_bound(highest: Tensor, lowest: Tensor) -> Tensor:
    """Return the scalar D_max: the distance between the [D] mean features labelled +b and -b."""
    bound: Tensor = torch.linalg.vector_norm(highest - lowest)
    return bound


def shift_size(
    fusion: Tensor, modality: Tensor, *, bound: Tensor, human_bound: float = LABEL_BOUND
) -> Tensor:
    """Return D_L = min(norm(F*_m - F*_s), D_max) / D_max * 2b.

    Args:
        fusion: [..., D] fusion features.
        modality: [..., D] features of a modality.
        bound: scalar D_max, at least 0.
        human_bound: b, the largest absolute human label.

    Returns:
        [...] how far the label moves, in [0, 2b]; 0 where D_max is 0.
    """
    distance = torch.linalg.vector_norm(fusion - modality, dim=-1)
    share = torch.minimum(distance, bound) / bound
    return share.nan_to_num_(0.0).mul_(2 * human_bound)  # NaN is 0 / 0


def distance_ratio(features: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Return D_p / D_n: how far features lie from the positive centre, relative to the negative.

    Args:
        features: [..., B, D] features, of the fusion or of modalities.
        centres: [2, D] centres of the positive and of the negative utterances.

    Returns:
        [..., B] ratios; and [..., B] bool, True where the ratio is undefined because D_n is 0. The
        ratio is not finite there.
    """
    # The product that cdist may take instead of differences gives near points a distance of 0.
    distances = torch.cdist(features, centres, compute_mode="donot_use_mm_for_euclid_dist")
    to_positive, to_negative = distances[..., 0], distances[..., 1]
    return to_positive / to_negative, to_negative.logical_not()


def shift_direction(fusion_ratio: Tensor, modality_ratio: Tensor) -> Tensor:
    """Return the sign of the shift, from the ratios D_p / D_n of the fusion and of a modality.

    Args:
        fusion_ratio: [...] D_p / D_n of F*_m.
        modality_ratio: [...] D_p / D_n of F*_s.

    Returns:
        [...] +1 where the modality's ratio is the smaller, -1 where it is the larger, 0 where they
        are equal, both infinite or not a number.
    """
    return (fusion_ratio - modality_ratio).nan_to_num_(0.0).sign_()


def shifted_label(human: Tensor, direction: Tensor, *, size: Tensor, clamp: float | None) -> Tensor:
    """Return y_m + D_L, y_m - D_L, or y_m where the direction is 0.

    Args:
        human: [...] human labels y_m.
        direction: [...] direction of the shift: +1, -1 or 0.
        size: [...] D_L, the size of the shift in [0, 2b].
        clamp: shifted labels are clamped to +-``clamp``, as the released code does with b; None, as
            in the paper, does not clamp.
    """
    shifted = torch.addcmul(human, direction, size)
    if clamp is None:
        return shifted
    return torch.where(direction.bool(), shifted.clamp_(-clamp, clamp), human)


def momentum_update(previous: Tensor, target: Tensor, *, epoch: int) -> Tensor:
    """Return (e - 1) / (e + 1) * y_s(e - 1) + 2 / (e + 1) * target.

    Args:
        previous: [...] labels of the epoch before.
        target: [...] labels that this epoch's features give.
        epoch: e, the number of the epoch, from 1.
    """
    return torch.lerp(previous, target, 2 / (epoch + 1))
