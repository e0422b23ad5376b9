"""Stored token ids: [N, 3, T] of ids, mask and segment ids, as BERT's tokeniser makes them."""

import numpy as np

from sugrm.data.reading.padding import Side
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import Array, Lengths
from sugrm.types import Split

VOCABULARY = 30522
"""Size of the bert-base-uncased vocabulary; that of bert-base-chinese is smaller."""

_MOST_IDS = 2**24  # no vocabulary is as large; float32 holds these ids exactly

FIRST, LAST = 101, 102
"""Ids of [CLS] and [SEP], with which a row of any of these vocabularies begins and ends."""


def is_token_array(array: Array, split: Split, *, problems: Problems) -> bool:
    """Whether a tokeniser of BERT makes such ids, masks and segment ids; what is wrong is noted."""
    found = _fault(array)
    if found is None:
        return True
    got, expected = found
    advice = "store ids, mask and segment ids of BERT's tokeniser in this order"
    problems.add(split, "text_bert", got=got, expected=expected, advice=advice)
    return False


def _fault(array: Array) -> tuple[str, str] | None:
    """Return what an array has, and what it should have; None where nothing is wrong."""
    if array.shape[1] != 3:
        return f"shape {list(array.shape)}", "[N, 3, T]"
    inside = (array >= 0) & (array < _MOST_IDS)  # false for NaN
    if not (inside & (np.rint(array) == array)).all():
        return "other numbers", "whole numbers from 0 on"
    if (array[:, 2] > 1).any():
        return "other segment ids", "0 or 1, as BERT has"
    mask = array[:, 1].astype(np.int64)
    steps = np.diff(mask, axis=1)
    if (mask > 1).any() or ((steps > 0).any(axis=1) & (steps < 0).any(axis=1)).any():
        return "another mask", "ones at the front, then zeros (or zeros, then ones)"
    return None


def tokens_first(array: Array) -> tuple[Array, Side]:
    """Return [N, 3, T] with the tokens of each row at its front, and where the padding stood.

    MMSA-FET writes the padding in front where it is asked to.
    """
    mask = array[:, 1].astype(np.int64)
    shifts = np.where(mask.any(axis=1), np.argmax(mask, axis=1), 0)
    if not shifts.any():
        return array, Side.NONE if mask.all() else Side.BACK
    places = (np.arange(array.shape[2]) + shifts[:, None]) % array.shape[2]
    return np.take_along_axis(array, places[:, None], axis=2), Side.FRONT


def token_lengths(array: Array) -> Lengths:
    """Return [N] the number of tokens that the mask counts."""
    lengths: Lengths = array[:, 1].sum(axis=1).astype(np.int64)
    return lengths


def foreign_rows(array: Array) -> Lengths:
    """Return the rows that do not begin with [CLS] and end with [SEP].

    Source: the tokenisers of bert-base-uncased and bert-base-chinese; GloVe or fastText indices and
    the ids of RoBERTa or T5 have other marks.
    """
    ids, lengths = array[:, 0].astype(np.int64), token_lengths(array)
    last = ids[np.arange(len(ids)), np.maximum(lengths - 1, 0)]
    good = (ids[:, 0] == FIRST) & (last == LAST) & (lengths > 1)
    return np.flatnonzero(~good).astype(np.int64)
