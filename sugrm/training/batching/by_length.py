"""The order in which an evaluation forms its batches: utterances of similar length together.

A batch is padded to its longest utterance. Of MOSI's unaligned test split, batches in the split's
order compute three steps for each real one, batches by length 1.1. Training's evaluation and
prediction both take the order from here, so a batch holds the same rows in both.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sugrm.training.feed import Feed
from sugrm.types import Modality

Places = NDArray[np.int64]
Floats = NDArray[np.float32]


def steps_of(feed: Feed, rows: Places) -> Places:
    """Return [M] real steps of utterances: the sum over the streams that the model reads.

    The number is the same for tokens and for the states that take their place. Prediction asks for
    a few rows at a time of a long split, so nothing else is counted.

    Args:
        feed: the split.
        rows: [M] rows of the split.
    """
    total = np.zeros(len(rows), dtype=np.int64)
    for modality in feed.streams:
        if modality is Modality.TEXT:
            total += _text_steps(feed, rows)
        else:
            total += _frames(feed, rows, modality=modality)
    return total


def _text_steps(feed: Feed, rows: Places) -> Places:
    if feed.tokens is not None:
        return _lengths(feed.tokens, rows)
    given = feed.utterances.text_lengths
    return np.zeros(len(rows), dtype=np.int64) if given is None else given[rows]


def _frames(feed: Feed, rows: Places, *, modality: Modality) -> Places:
    frames = feed.utterances.content.streams[modality].lengths[rows]
    return frames if feed.words is None else np.where(frames > 0, _lengths(feed.words, rows), 0)


def _lengths(sequences: Sequence[NDArray[np.int64]], rows: Places) -> Places:
    lengths = (len(sequences[row]) for row in rows)
    return np.fromiter(lengths, dtype=np.int64, count=len(rows))


def evaluation_order(feed: Feed, rows: Sequence[int] | Places) -> Places:
    """Return the places in ``rows`` in the order in which batches are formed, the longest first.

    Of equal lengths the lower row comes first, so rows that are in this order already stay in it.
    Where padding counts (``lengths: ignored``) all lengths are equal and the order is that of
    ``rows``.

    Args:
        feed: the split.
        rows: rows of the split.
    """
    chosen = np.asarray(rows, dtype=np.int64)
    if feed.padded_lengths is not None:
        return np.arange(len(chosen))
    return np.lexsort((chosen, -steps_of(feed, chosen)))


def restored(values: Floats, order: Places) -> Floats:
    """Return [N] values in the order of the rows; ``values[n]`` belongs to place ``order[n]``."""
    result = np.empty_like(values)
    result[order] = values
    return result
