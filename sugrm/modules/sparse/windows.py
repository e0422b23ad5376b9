"""The keys that each query of a sparse phased attention sees, as rows.

Query n of a unit with c keys attends the keys ((n + 1) * stride - window + shift + j) mod c,
j = 0..window-1. Source: Cheng et al., EMNLP 2021, Section 3.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Which places of a window table name a key row: what sums the gradients of the keys.

    Attributes:
        order: [window * M] int64 places of the flat table, by their key row.
        offsets: [R] int64 where the places of each key row start in ``order``.
        undo: [R] int64 for each key row the row of these sums that is its own; None where it is the
            row itself.
    """

    order: Tensor
    offsets: Tensor
    undo: Tensor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """The window of each query.

    Attributes:
        table: [window, M] int64 key row of each place of each query's window.
        back: the table's inverse; None leaves the sum over a key's places to the device.
    """

    table: Tensor
    back: Back | None = None


def window_table(start: Tensor, window: int, *, first: Tensor, count: Tensor) -> Tensor:
    """Return [window, M] int64 key rows.

    Args:
        start: [M] int64 first place of each window, of any sign.
        window: number of keys of a window.
        first: [M] int64 row of the first key that a query may see.
        count: [M] int64 number of keys from there on, at least 1.
    """
    places = torch.arange(window, device=start.device)[:, None]
    return torch.remainder(start + places, count) + first


def inverse(table: Tensor, keys: int) -> Back:
    """Return the inverse of a table on the host whose rows lie in [0, keys)."""
    flat = table.flatten().numpy()
    narrow = flat.astype(np.uint16) if keys <= 1 << 16 else flat  # radix sort takes 16 bits
    counts = np.bincount(flat, minlength=keys)
    return Back(
        order=torch.from_numpy(np.argsort(narrow, kind="stable")),
        offsets=torch.from_numpy(np.cumsum(counts) - counts),
    )


def shifted(row_place: Tensor, by: int, *, first: Tensor, count: Tensor) -> Tensor:
    """Return [R] int64: for each key row the row ``by`` places later in its unit, round and round.

    Args:
        row_place: [R] int64 place of each row in its unit.
        by: number of places, of any sign.
        first: [R] int64 first row of each row's unit.
        count: [R] int64 number of rows of the unit.
    """
    return torch.remainder(row_place + by, count) + first
