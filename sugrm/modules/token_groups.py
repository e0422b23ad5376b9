"""A padded batch of tokens, encoded in groups of similar length.

A batch of 32 texts of MOSI holds 2.4 places for each token. Texts are independent of each other in
an encoder, so on a CPU, which knows the lengths, it encodes the long ones and the short ones apart.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F


class Encode(Protocol):
    """An encoder."""

    def __call__(self, token_ids: Tensor, segment_ids: Tensor | None, *, lengths: Tensor) -> Tensor:
        """Return [B, T, D] states of [B, T] ids and token types, [B] tokens of each are real."""
        ...


GROUP_COST = 64
"""Tokens that take as long as one more call, which reads all weights again."""


def cuts(lengths: Sequence[int], *, group_cost: int) -> list[int]:
    """Return where to cut descending lengths into the groups that are encoded fastest.

    A group costs its rows times its longest length, and ``group_cost``.

    >>> cuts([40, 38, 5, 4, 4, 4], group_cost=10)
    [0, 2, 6]
    """
    best, first = [0], [0]
    for end in range(1, len(lengths) + 1):
        costs = [best[start] + (end - start) * lengths[start] for start in range(end)]
        cheapest = min(range(end), key=costs.__getitem__)
        best.append(costs[cheapest] + group_cost)
        first.append(cheapest)
    found = [len(lengths)]
    while found[-1]:
        found.append(first[found[-1]])
    return found[::-1]


def encode_in_groups(
    encode: Encode, token_ids: Tensor, *, segment_ids: Tensor | None, lengths: Tensor
) -> Tensor:
    """Return [B, T, D] states of [B, T] ids, 0 behind the longest text of each group.

    Args:
        encode: the encoder.
        token_ids: [B, T] token ids on the CPU, T the longest length.
        segment_ids: [B, T] token types; None gives none.
        lengths: [B] int64 number of real tokens, at least 1.
    """
    order = lengths.argsort(descending=True, stable=True)
    longest = lengths[order].tolist()
    places = cuts(longest, group_cost=GROUP_COST)
    if len(places) == 2:
        return encode(token_ids, segment_ids, lengths=lengths)
    steps, parts = token_ids.shape[1], []
    for start, end in pairwise(places):
        rows, kept = order[start:end], longest[start]
        segments = None if segment_ids is None else segment_ids[rows, :kept]
        states = encode(token_ids[rows, :kept], segments, lengths=lengths[rows])
        parts.append(F.pad(states, (0, 0, 0, steps - kept)))
    return torch.cat(parts).index_select(0, order.argsort())
