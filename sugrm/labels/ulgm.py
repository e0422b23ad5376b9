"""Unimodal label generation (ULGM): a label for each modality from where its feature lies.

The distance between a modality's feature F*_s and the fusion's F*_m says how far the modality's
label y_s lies from the human label y_m; which of the two lies nearer, relatively, to the centre
of the positive utterances says in which direction.

Source: Section 3.3 of the paper. Every function is pure, batched and free of host
synchronisation. The paper's labels lie in [-3, 3]; for labels in [-b, b] its 3 is b and its 6 is
2b. Where the equations have no value (no utterance for a mean, a division by 0) the functions
return 0 and a mask, so that nothing is ever NaN; `sugrm.labels.state.updated` then keeps the human
label.
"""

import torch
from torch import Tensor

from sugrm.types import LABEL_BOUND


def weighted_mean(bank: Tensor, weight: Tensor) -> Tensor:
    """Return the mean feature under weights that count utterances.

    Args:
        bank: [N, D] features.
        weight: [N] number of times that each utterance counts, whole numbers of at least 0.

    Returns:
        [D] the mean, zeros where no utterance counts.
    """
    # The total of counts is 0 or at least 1, so the clamp alters nothing but a division by 0.
    return weight @ bank / weight.sum().clamp(min=1)


def centres(bank: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return the [D] means of the fusion features with positive and with negative labels.

    Args:
        bank: [N, D] fusion features.
        weights: [2, N], first 1 where the human label is positive, then 1 where it is negative,
            else 0.
    """
    positive, negative = weights
    return weighted_mean(bank, positive), weighted_mean(bank, negative)


def label_bound(bank: Tensor, weights: Tensor) -> Tensor:
    """Return D_max: the distance between the mean features labelled +b and -b.

    Args:
        bank: [N, D] fusion features.
        weights: [2, N] number of times that each utterance counts, first where it is labelled +b,
            then where it is labelled -b; 0 for the others.

    Returns:
        Scalar; 0 where D_max is undefined because no utterance is labelled +b or none -b.
    """
    highest, lowest = weights
    difference = weighted_mean(bank, highest) - weighted_mean(bank, lowest)
    defined = (highest.sum() > 0) & (lowest.sum() > 0)
    return torch.where(defined, torch.linalg.vector_norm(difference), 0.0)


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
    share = torch.minimum(distance, bound) / torch.where(bound > 0, bound, 1.0)
    return share * (2 * human_bound)


def shift_direction(
    fusion: Tensor, modality: Tensor, *, positive: Tensor, negative: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the sign of the shift, by the ratios D_p / D_n of the modality and of the fusion.

    Args:
        fusion: [..., D] fusion features.
        modality: [..., D] features of a modality.
        positive: [D] centre of the positive utterances.
        negative: [D] centre of the negative utterances.

    Returns:
        [...] +1 where the modality's ratio is the smaller, -1 where it is the larger, 0 where
        they are equal or undefined; and [...] bool, True where a ratio is undefined (D_n is 0).
    """
    fusion_ratio, fusion_undefined = _ratio(fusion, positive=positive, negative=negative)
    modality_ratio, modality_undefined = _ratio(modality, positive=positive, negative=negative)
    undefined = fusion_undefined | modality_undefined
    # Not sign(fusion_ratio - modality_ratio): two infinite ratios tie, their difference is NaN.
    direction = (modality_ratio < fusion_ratio).float() - (modality_ratio > fusion_ratio).float()
    return torch.where(undefined, 0.0, direction), undefined


def _ratio(features: Tensor, *, positive: Tensor, negative: Tensor) -> tuple[Tensor, Tensor]:
    to_positive = torch.linalg.vector_norm(features - positive, dim=-1)
    to_negative = torch.linalg.vector_norm(features - negative, dim=-1)
    undefined = to_negative == 0
    return to_positive / torch.where(undefined, 1.0, to_negative), undefined


def shifted_label(human: Tensor, direction: Tensor, *, size: Tensor, clamp: float | None) -> Tensor:
    """Return y_m + D_L, y_m - D_L, or y_m where the direction is 0.

    Args:
        human: [...] human labels y_m.
        direction: [...] direction of the shift: +1, -1 or 0.
        size: [...] D_L, the size of the shift in [0, 2b].
        clamp: shifted labels are clamped to +-``clamp``, as the released code does with b; None, as
            in the paper, does not clamp.
    """
    shifted = human + direction * size
    if clamp is not None:
        shifted = shifted.clamp(-clamp, clamp)
    return torch.where(direction == 0, human, shifted)


def momentum_update(previous: Tensor, target: Tensor, *, epoch: int) -> Tensor:
    """Return (e - 1) / (e + 1) * y_s(e - 1) + 2 / (e + 1) * target.

    Args:
        previous: [...] labels of the epoch before.
        target: [...] labels that this epoch's features give.
        epoch: e, the number of the epoch, from 1.
    """
    return (epoch - 1) / (epoch + 1) * previous + 2 / (epoch + 1) * target
