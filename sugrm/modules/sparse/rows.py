"""The steps of a batch's sequences as one list of rows.

A unit is one stream of one utterance, or one attention of one utterance; units are numbered group
by group (all utterances of the first stream, then of the second). Packed rows are the real steps
alone, which needs the counts on the host. Padded rows give every unit of a group the same number
of steps, so that nothing waits for the device.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of units.

    Attributes:
        owner: [N] int64 unit of each row.
        place: [N] int64 step of each row within its unit, from 0.
        first: [U] int64 row of each unit's first step.
        count: [U] int64 number of real steps of each unit, at least 1.
        sizes: number of rows of each group.
    """

    owner: Tensor
    place: Tensor
    first: Tensor
    count: Tensor
    sizes: tuple[int, ...]


def packed_rows(count: Tensor) -> Rows:
    """Return the rows of the real steps alone.

    Args:
        count: [G, B] int64 number of real steps of each unit, at least 1; read on the host.
    """
    sizes = tuple(count.sum(1).tolist())
    count = count.flatten()
    first = count.cumsum(0) - count
    owner = torch.repeat_interleave(count, output_size=sum(sizes))
    place = torch.arange(sum(sizes), device=count.device) - first[owner]
    return Rows(owner=owner, place=place, first=first, count=count, sizes=sizes)


def padded_rows(count: Tensor, steps: Sequence[int]) -> Rows:
    """Return as many rows for each unit of a group as the group has steps.

    Args:
        count: [G, B] int64 number of real steps of each unit, at least 1.
        steps: number of steps to which each group is padded.
    """
    batch, device = count.shape[1], count.device
    owner, place, first = [], [], []
    before = 0
    for group, most in enumerate(steps):
        unit = torch.arange(batch, device=device)
        owner.append((unit + group * batch)[:, None].expand(-1, most).flatten())
        place.append(torch.arange(most, device=device).expand(batch, -1).flatten())
        first.append(unit * most + before)
        before += batch * most
    return Rows(
        owner=torch.cat(owner),
        place=torch.cat(place),
        first=torch.cat(first),
        count=count.flatten(),
        sizes=tuple(batch * most for most in steps),
    )
