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
    """G = (F - source) W + target, in double precision.

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


def mean_of(features: Tensor, counted: Tensor) -> Tensor:
    """Return [..., D] float64 the means of the rows of features [N, D] that count [..., N].

    In single precision the mean of equal rows differs from them in the last digit, and features
    that do not vary would seem to. In double precision the sum of single numbers is exact here.
    The mean is 0 where no row counts.
    """
    total = counted.sum(dim=-1).clamp(min=1)
    sums: Tensor = counted.double() @ features.double()
    return sums / total[..., None]


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
    source_mean, target_mean = mean_of(source, counted), mean_of(target, counted)
    rows = counted[:, None]
    x, y = rows * (source - source_mean.float()), rows * (target - target_mean.float())
    squares, products = (x.T @ x).double(), (x.T @ y).double()
    spread = squares.diagonal().mean()
    undefined = spread == 0
    penalty = torch.where(undefined, 1.0, ridge * spread)
    same = torch.eye(len(squares), dtype=squares.dtype, device=squares.device)
    weight, _ = torch.linalg.solve_ex(squares + penalty * same, products)
    return AffineMap(source_mean, target_mean, weight, undefined)


def centring(source: Tensor, target: Tensor, *, counted: Tensor) -> AffineMap:
    """Return the map that only moves the mean of one space to that of the other.

    Args:
        source: [N, D] features to map.
        target: [N, D] features of the same utterances to map them to.
        counted: [N] bool, True for a row that counts.
    """
    return unmoved(source)._replace(
        source=mean_of(source, counted), target=mean_of(target, counted), undefined=~counted.any()
    )


def unmoved(source: Tensor) -> AffineMap:
    """Return the map that leaves features as wide as ``source`` [N, D] where they are."""
    origin = source.new_zeros(source.shape[1], dtype=torch.float64)
    same = torch.eye(source.shape[1], dtype=torch.float64, device=source.device)
    undefined = torch.zeros((), dtype=torch.bool, device=source.device)
    return AffineMap(source=origin, target=origin, weight=same, undefined=undefined)


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
