"""Tensor fusion: the outer product of the streams' vectors, each with a 1 appended.

z = [z_l; 1] x [z_v; 1] x [z_a; 1] holds each vector alone, each product of two and the product of
all three, because each factor holds a 1.

Source: Zadeh et al., EMNLP 2017, Section 4.2.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def tensor_fusion(vectors: Sequence[Tensor]) -> Tensor:
    """Return the flattened outer product.

    Args:
        vectors: [B, D] vector of each stream, at least one; a zero vector leaves the products of
            the others unchanged.

    Returns:
        [B, product of all D + 1], the index of the last vector running fastest.
    """
    first, *others = (F.pad(vector, (0, 1), value=1.0) for vector in vectors)
    fused = first
    for vector in others:
        fused = torch.einsum("bi,bj->bij", fused, vector).flatten(1)
    return fused


def fused_width(widths: Sequence[int]) -> int:
    """Return the width of the tensor of vectors with these widths."""
    return math.prod(width + 1 for width in widths)
