"""Stored token ids: [N, 3, T] of ids, mask and segment ids, as BERT's tokeniser makes them."""

import numpy as np

from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import Array, Lengths
from sugrm.types import Split

VOCABULARY = 30522
"""Size of the bert-base-uncased vocabulary; that of bert-base-chinese is smaller."""

_MOST_IDS = 2**24  # no vocabulary is as large; float32 holds these ids exactly

FIRST, LAST = 101, 102
"""Ids of [CLS] and [SEP], with which a row of any of these vocabularies begins and ends."""


def check_mask(array: Array, split: Split, *, problems: Problems) -> None:
    """Note ids, masks and segment ids that no tokeniser of BERT makes."""
    advice = "store ids, mask and segment ids of BERT's tokeniser in this order"

    def note(got: str, expected: str) -> None:
        problems.add(split, "text_bert", got=got, expected=expected, advice=advice)

    if array.shape[1] != 3:
        note(f"shape {list(array.shape)}", "[N, 3, T]")
        return
    inside = (array >= 0) & (array < _MOST_IDS)  # false for NaN
    if not (inside & (np.rint(array) == array)).all():
        note("other numbers", "whole numbers from 0 on")
        return
    if (array[:, 2] > 1).any():
        note("other segment ids", "0 or 1, as BERT has")
    mask = array[:, 1]
    if (mask > 1).any() or (np.diff(mask.astype(np.int64), axis=1) > 0).any():
        note("another mask", "ones at the front, then zeros")


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
