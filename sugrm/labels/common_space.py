"""A modality's features in the space of the fusion's, and the label that their place there gives.

Distances between a modality's feature F*_s and the fusion's F*_m say little while nothing puts the
two into one space. Here a ridge regression does, in closed form: fitted on the latest features of
all training utterances, it maps F*_s to G_s, as near to F*_m as a linear map allows. The label
moves by the difference between G_s and F*_m, measured along the line from the mean feature of the
utterances labelled -b to that of those labelled +b:

    y_s = y_m + 2b (G_s - F*_m) . (C_+ - C_-) / norm(C_+ - C_-)^2.

Source: a proposal of this project on the paper's label generation (Section 3.3), whose
hypothesis of a common semantic space it makes true. Every function is pure, batched and free of
host synchronisation. Where an equation has no value, the functions return a mask, so that nothing
is ever NaN.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class AffineMap(NamedTuple):
    """G = (F - source) W + target.

    Attributes:
        source: [E] mean of the mapped features.
        target: [D] mean of the features that they are mapped to.
        weight: [E, D] W.
        undefined: scalar bool, True where the mapped features do not vary, or there are none.
    """

    source: Tensor
    target: Tensor
    weight: Tensor
    undefined: Tensor


def ridge_map(source: Tensor, target: Tensor, *, counted: Tensor, ridge: float) -> AffineMap:
    """Return the map from one space to another with the least squared error under a penalty.

    W = (X'X + k I)^-1 X'Y with centred X and Y, and k = ``ridge`` times the mean of the diagonal of
    X'X.

    Args:
        source: [N, E] features to map.
        target: [N, D] features of the same utterances to map them to.
        counted: [N] bool, True for a row that counts.
        ridge: the penalty, above 0.
    """
    rows = counted.to(source.dtype)[:, None]
    total = rows.sum().clamp(min=1)
    source_mean, target_mean = (rows * source).sum(0) / total, (rows * target).sum(0) / total
    x, y = rows * (source - source_mean), rows * (target - target_mean)
    squares = x.T @ x
    spread = squares.diagonal().mean()
    undefined = spread == 0
    penalty = torch.where(undefined, 1.0, ridge * spread)
    penalised = squares + penalty * torch.eye(len(squares), device=x.device)
    weight, _ = torch.linalg.solve_ex(penalised, x.T @ y)
    return AffineMap(source_mean, target_mean, weight, undefined)


def centring(source: Tensor, target: Tensor, *, counted: Tensor) -> AffineMap:
    """Return the map that only moves the mean of one space to that of the other.

    Args:
        source: [N, D] features to map.
        target: [N, D] features of the same utterances to map them to.
        counted: [N] bool, True for a row that counts.
    """
    rows = counted.to(source.dtype)[:, None]
    total = rows.sum()
    means = [(rows * features).sum(0) / total.clamp(min=1) for features in (source, target)]
    same = torch.eye(source.shape[1], device=source.device)
    return AffineMap(source=means[0], target=means[1], weight=same, undefined=total == 0)


def mapped(features: Tensor, by: AffineMap) -> Tensor:
    """Return [B, D] the features [B, E] in the other space."""
    return (features - by.source) @ by.weight + by.target


def axis_shift(fusion: Tensor, modality: Tensor, *, high: Tensor, low: Tensor) -> Tensor:
    """Return [B], how far the modality lies from the fusion along the line from low to high.

    Args:
        fusion: [B, D] fusion features.
        modality: [B, D] features of a modality in the fusion's space.
        high: [D] mean feature of the utterances with the highest label.
        low: [D] mean feature of those with the lowest label.

    Returns:
        The shift as a share of the distance from low to high, of either sign; 0 where they are one
        point.
    """
    axis = high - low
    length = axis.square().sum()
    return (modality - fusion) @ axis / torch.where(length > 0, length, 1.0)
