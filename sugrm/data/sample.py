"""A few utterances of a corpus, for short measurements."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sugrm.data.cache.content import SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.corpus import Corpus, Utterances
from sugrm.types import Split

Rows = NDArray[np.int64]


def sample(corpus: Corpus, sizes: Mapping[Split, int], *, folder: Path) -> Corpus:
    """Return the corpus cut down to utterances that are spread evenly over each split.

    Args:
        corpus: the corpus to sample from.
        sizes: number of utterances to take from each split, at least 1; a larger number than the
            split has takes all.
        folder: the sample's own folder, which nothing writes to. What is derived from a corpus (the
            states of a frozen text encoder) is cached beside its folder, so the sample must not
            share the corpus's.
    """
    splits = {
        split: Utterances(content_rows(utterances.content, _spread(len(utterances), sizes[split])))
        for split, utterances in corpus.splits.items()
    }
    return replace(corpus, splits=splits, folder=folder)


def _spread(count: int, size: int) -> Rows:
    return np.linspace(0, count - 1, num=min(size, count)).round().astype(np.int64)


def content_rows(content: SplitContent, rows: Rows) -> SplitContent:
    """Return some utterances of a split, in the order of ``rows``."""
    tokens, segments, words = content.token_ids, content.segment_ids, content.words
    return SplitContent(
        ids=[content.ids[row] for row in rows],
        raw_text=[content.raw_text[row] for row in rows],
        labels=content.labels[rows],
        streams={modality: _ragged(stream, rows) for modality, stream in content.streams.items()},
        token_ids=None if tokens is None else _ragged(tokens, rows),
        segment_ids=None if segments is None else _ragged(segments, rows),
        true_sentiments={m: values[rows] for m, values in content.true_sentiments.items()},
        words=None if words is None else [words[row] for row in rows],
    )


def _ragged(sequences: Ragged, rows: Rows) -> Ragged:
    chosen = [sequences[row] for row in rows]
    return Ragged.pack(chosen, sequences.width, dtype=sequences.values.dtype)
