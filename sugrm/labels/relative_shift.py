"""Self-MM's shift: a label for each modality from how its feature lies between its own centres.

alpha = (D_n - D_p) / (D_p + e) says how much nearer a feature lies to the centre of the positive
utterances than to that of the negative ones, in units that features of any width share. A
modality's label y_s follows from its alpha_s, the fusion's alpha_m and the human label y_m in two
ways, as a ratio and as a difference, whose mean is taken:

    y_s = (alpha_s / (alpha_m + e) * y_m) / 2 + (y_m + alpha_s - alpha_m) / 2, within [-H, H].

Source: Yu et al., AAAI 2021, "Unimodal Label Generation Module", and the released trainer
(github.com/thuiar/Self-MM, trains/multiTask/SELF_MM.py), whose distances are plain L2 norms and
whose e is 1e-8. Every function is pure, batched and free of host synchronisation. Where a formula
has no value the functions return a mask, so that nothing is ever NaN.
"""

import torch
from torch import Tensor

GUARD = 1e-8
"""The e under both fractions."""


def centre(features: Tensor, counted: Tensor) -> Tensor:
    """Return the mean [D] of the rows that count, zeros where none does.

    Division by an alpha_m near 0 magnifies the rounding of a centre. So the rows that count are
    moved to the front and summed in order. This gives the numbers of the released code, which
    selects the rows by a mask, without waiting for the device.

    Args:
        features: [N, D] features of the utterances.
        counted: [N] bool, True for a row that counts.
    """
    order = torch.argsort(counted, descending=True, stable=True)
    rows = features.index_select(0, order) * counted[order][:, None]
    return rows.sum(dim=0) / counted.sum().clamp(min=1)


def relative_distance(
    features: Tensor, *, positive: Tensor, negative: Tensor
) -> tuple[Tensor, Tensor]:
    """Return alpha [B], and [B] bool, True where it is undefined because D_p is 0.

    Args:
        features: [B, D] features of one task.
        positive: [D] centre of the task's positive utterances.
        negative: [D] centre of its negative utterances.
    """
    to_positive = torch.linalg.vector_norm(features - positive, dim=-1)
    to_negative = torch.linalg.vector_norm(features - negative, dim=-1)
    return (to_negative - to_positive) / (to_positive + GUARD), to_positive == 0


def shifted_label(
    human: Tensor, fusion: Tensor, *, modality: Tensor, bound: float
) -> tuple[Tensor, Tensor]:
    """Return the mean of the two forms, within [-H, H].

    Args:
        human: [B] human labels y_m.
        fusion: [B] alpha_m, the relative distance of the fusion's features.
        modality: [B] alpha_s, the relative distance of the modality's features.
        bound: H, the largest absolute label, above 0.

    Returns:
        [B] labels, the human one where undefined; and [B] bool, True where undefined: the
        fusion lies as near to the one centre as to the other, so that alpha_m is 0, or a distance
        is not finite.
    """
    ratio = modality / (fusion + GUARD) * human
    difference = human + modality - fusion
    shifted = (0.5 * ratio + 0.5 * difference).clamp(-bound, bound)
    undefined = (fusion == 0) | shifted.isnan()
    return torch.where(undefined, human, shifted), undefined
