"""The groups of an attention of packed rows: which queries and keys share one product of matrices.

A product per utterance needs no padding but has the cost of a call; one product for all needs
padding to the longest. So utterances of similar lengths form a group as long as the padding costs
less than a call. Under a future mask a long utterance falls into parts of consecutive queries,
each with the keys that one of them sees, as long as the hidden scores cost more than a call.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

CALL = 10_000
"""Scores that take as long as one more product with its softmax and gradients (measured)."""

Rows = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Consecutive queries of one utterance, and the keys that they see.

    Attributes:
        query: row of the first query.
        queries: T, the number of queries.
        key: row of the first key.
        keys: K, the number of keys.
        latest: the first query sees the keys 0 to ``latest``, each further one a key more.
    """

    query: int
    queries: int
    key: int
    keys: int
    latest: int


class Span:
    """Consecutive rows of one utterance."""

    def __init__(self, start: int, count: int) -> None:
        self.rows = slice(start, start + count)

    def take(self, values: Tensor) -> Tensor:
        """Return [H, T, d] from [N, H, d]."""
        return values[self.rows].transpose(0, 1)

    def add(self, total: Tensor, values: Tensor) -> None:
        """Add [H, T, d] to their rows of [N, H, d]."""
        total[self.rows].add_(values.transpose(0, 1))


class Table:
    """Rows of several utterances, padded with the last row, which is no frame."""

    def __init__(self, rows: Tensor) -> None:
        self.rows, self.shape = rows.flatten(), rows.shape

    def take(self, values: Tensor) -> Tensor:
        """Return [G H, T, d] from [N, H, d]."""
        taken = values.index_select(0, self.rows).view(*self.shape, *values.shape[1:])
        return taken.transpose(1, 2).flatten(0, 1)

    def add(self, total: Tensor, values: Tensor) -> None:
        """Add [G H, T, d] to their rows of [N, H, d]."""
        _, heads, width = total.shape
        split = values.view(self.shape[0], heads, self.shape[1], width).transpose(1, 2)
        total.flatten(1).index_add_(0, self.rows, split.reshape(len(self.rows), heads * width))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Queries and keys of one product.

    Attributes:
        queries: rows of the queries, of G utterances with T each.
        keys: rows of the keys, K each.
        bias: [G, 1, 1 or T, K] to add to scores, minus infinity where a key is hidden; None hides
            none.
    """

    queries: Span | Table
    keys: Span | Table
    bias: Tensor | None


Groups = tuple[Group, ...]


def group_attention(queries: Rows, keys: Rows, *, heads: int, future_mask: bool) -> Groups:
    """Return the groups of an attention.

    Args:
        queries: [B] int64 first row and number of the queries of each utterance, at least 1.
        keys: likewise of the keys.
        heads: H, the number of heads.
        future_mask: True hides later keys: with T queries and K keys of an utterance, query t sees
            the keys up to t + abs(K - T).
    """
    numbers = zip(*(part.tolist() for part in (*queries, *keys)), strict=True)
    wholes = (
        Part(query=query, queries=steps, key=key, keys=count, latest=count - 1)
        for query, steps, key, count in numbers
    )
    parts = [part for own in wholes for part in (_cut(own, heads) if future_mask else [own])]
    parts.sort(key=lambda part: (part.queries, part.keys), reverse=True)
    rows = int(queries[1].sum()), int(keys[1].sum())
    return tuple(_group(found, rows) for found in _alike(parts, most=CALL / heads))


def _cut(whole: Part, heads: int) -> Iterator[Part]:
    """Yield the parts of an utterance under the future mask, first to last."""
    queries, apart = whole.queries, abs(whole.keys - whole.queries)
    unseen = max(0, whole.keys - 1 - apart)  # by the first query, one less by each further one
    count = max(1, int(math.sqrt(heads * unseen * (unseen + 1) / 2 / CALL)))
    bounds = [number * queries // count for number in range(count + 1)]
    for start, stop in pairwise(sorted(set(bounds))):
        yield Part(
            query=whole.query + start,
            queries=stop - start,
            key=whole.key,
            keys=min(whole.keys, apart + stop),
            latest=min(whole.keys - 1, apart + start),
        )


def _alike(parts: Sequence[Part], *, most: float) -> Iterator[list[Part]]:
    """Yield runs of parts, each as long as one more adds at most ``most`` padded scores."""
    run: list[Part] = []
    keys = 0
    for part in parts:
        longest = max(keys, part.keys)
        if run:
            steps = run[0].queries
            added = steps * ((len(run) + 1) * longest - len(run) * keys)
            if added - part.queries * part.keys > most:
                yield run
                run, longest = [], part.keys
        run.append(part)
        keys = longest
    yield run


def _group(parts: Sequence[Part], rows: tuple[int, int]) -> Group:
    """Return the group of parts among so many ``rows`` of queries and of keys."""
    steps, most = parts[0].queries, max(part.keys for part in parts)
    return Group(
        queries=_rows([(part.query, part.queries) for part in parts], steps, nothing=rows[0]),
        keys=_rows([(part.key, part.keys) for part in parts], most, nothing=rows[1]),
        bias=_bias(parts, steps=steps, keys=most),
    )


def _rows(spans: Sequence[tuple[int, int]], most: int, *, nothing: int) -> Span | Table:
    if len(spans) == 1:
        return Span(*spans[0])
    start, count = np.array(spans).T[..., None]
    place = np.arange(most)
    return Table(torch.from_numpy(np.where(place < count, start + place, nothing)))


def _bias(parts: Sequence[Part], *, steps: int, keys: int) -> Tensor | None:
    counts, latest = np.array([(part.keys, part.latest) for part in parts]).T[..., None]
    seen = counts
    if (latest < counts - 1).any():
        seen = np.minimum(counts, latest + np.arange(1, steps + 1))
    if seen.min() >= keys:
        return None
    hidden = np.arange(keys) >= seen[:, None, :, None]
    return torch.from_numpy(np.where(hidden, np.float32("-inf"), np.float32(0)))
