"""Batches of a split, as one model wants them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus, Utterances, collate
from sugrm.modules.text_encoder import Tokeniser, load_tokeniser
from sugrm.types import Batch, Modality, Split


@dataclass(frozen=True, slots=True)
class Feed:
    """A split, its texts as token ids, and the lengths to pad to where these are fixed."""

    utterances: Utterances
    tokens: list[NDArray[np.int64]] | None
    padded_lengths: dict[Modality, int] | None

    def __len__(self) -> int:
        """Return the number of utterances."""
        return len(self.utterances)

    def batch(self, rows: Sequence[int]) -> Batch:
        """Return these utterances as one padded batch."""
        return collate(
            self.utterances, rows, tokens=self.tokens, padded_lengths=self.padded_lengths
        )


def build_feed(config: ExperimentConfig, corpus: Corpus, split: Split) -> Feed:
    """Return the feed of a split.

    Token ids that the corpus stores are bert-base-uncased's: they serve an encoder with that
    vocabulary and room for all of them; any other encoder tokenises ``raw_text`` anew.

    Raises:
        EncoderError: the tokeniser cannot be loaded.
    """
    utterances = corpus.splits[split]
    tokens = None
    padded = dict(corpus.padded_lengths)
    if corpus.text_width is None:
        tokeniser = load_tokeniser(config.model.text.name, config.model.text.max_tokens)
        tokens = _tokens(corpus, utterances, tokeniser)
        padded[Modality.TEXT] = tokeniser.max_tokens
    return Feed(utterances, tokens, padded if config.model.lengths == "ignored" else None)


def _tokens(
    corpus: Corpus, utterances: Utterances, tokeniser: Tokeniser
) -> list[NDArray[np.int64]]:
    fits = corpus.padded_lengths.get(Modality.TEXT, 0) <= tokeniser.max_tokens
    if corpus.has_token_ids and fits and tokeniser.reads_stored_ids:
        stored = [utterances.token_ids(row) for row in range(len(utterances))]
        return [ids for ids in stored if ids is not None]
    return tokeniser(utterances.raw_text)
