"""Batches of a split, as one model wants them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus, Utterances, collate
from sugrm.modules.text_encoder import Tokeniser, load_tokeniser
from sugrm.types import Batch, Modality, Split

Ids = list[NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Feed:
    """A split, its texts as token ids, and the lengths to pad to where these are fixed.

    ``segments`` are the token types of stored ids; tokenised text has one segment only.
    """

    utterances: Utterances
    tokens: Ids | None
    segments: Ids | None
    padded_lengths: dict[Modality, int] | None

    def __len__(self) -> int:
        """Return the number of utterances."""
        return len(self.utterances)

    def batch(self, rows: Sequence[int]) -> Batch:
        """Return these utterances as one padded batch."""
        return collate(
            self.utterances,
            rows,
            tokens=self.tokens,
            segments=self.segments,
            padded_lengths=self.padded_lengths,
        )


def build_feed(config: ExperimentConfig, corpus: Corpus, split: Split) -> Feed:
    """Return the feed of a split.

    Token ids that the corpus stores are bert-base-uncased's: they serve an encoder with that
    vocabulary and room for all of them; any other encoder tokenises ``raw_text`` anew.

    Raises:
        EncoderError: the tokeniser cannot be loaded.
    """
    utterances = corpus.splits[split]
    tokens, segments = None, None
    padded = dict(corpus.padded_lengths)
    if corpus.text_width is None:
        tokeniser = load_tokeniser(config.model.text.name, config.model.text.max_tokens)
        if _stored_ids_serve(corpus, tokeniser):
            rows = range(len(utterances))
            tokens = _given([utterances.token_ids(row) for row in rows])
            segments = _given([utterances.segment_ids(row) for row in rows])
        else:
            tokens = tokeniser(utterances.raw_text)
        padded[Modality.TEXT] = tokeniser.max_tokens
    fixed = padded if config.model.lengths == "ignored" else None
    return Feed(utterances, tokens, segments, fixed)


def _stored_ids_serve(corpus: Corpus, tokeniser: Tokeniser) -> bool:
    fits = corpus.padded_lengths.get(Modality.TEXT, 0) <= tokeniser.max_tokens
    return corpus.has_token_ids and fits and tokeniser.reads_stored_ids


def _given(ids: Sequence[NDArray[np.int64] | None]) -> Ids | None:
    """Return the ids of every utterance, None where the corpus stores none."""
    given = [values for values in ids if values is not None]
    return given if len(given) == len(ids) else None
