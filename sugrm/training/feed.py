"""Batches of a split, in the form that one model reads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus, SplitStates, TextStates, Utterances, collate
from sugrm.errors import DataError
from sugrm.modules.text_encoder import Tokeniser, load_tokeniser
from sugrm.types import LABEL_BOUND, Batch, Modality, Split

_UNCASED = "bert-base-uncased"
_SAMPLE = 64  # utterances whose words are tokenised to judge the stored ids
_SAME, _OTHER = 0.95, 0.5

Ids = list[NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A split that gives padded batches.

    Attributes:
        utterances: the utterances of the split.
        tokens: [T] token ids of each utterance; None where the texts are features.
        segments: [T] token types of each utterance, for stored ids; None for tokenised text,
            which has one segment only.
        words: [T] the word of each token, whose frame it takes, -1 for marks; None where audio and
            vision do not come one frame a word.
        padded_lengths: the number of steps to pad each stream to; None pads to the longest
            sequence of a batch.
        text_steps: the most tokens that an utterance may have.
        streams: the modalities that the model reads.
        label_bound: the largest absolute label of the dataset.
    """

    utterances: Utterances
    tokens: Ids | None
    segments: Ids | None
    words: Ids | None
    padded_lengths: dict[Modality, int] | None
    text_steps: int
    streams: tuple[Modality, ...] = tuple(Modality)
    label_bound: float = LABEL_BOUND

    def __len__(self) -> int:
        """Return the number of utterances."""
        return len(self.utterances)

    def with_states(self, states: SplitStates) -> "Feed":
        """Return the feed with the hidden states of its texts in place of their tokens."""
        utterances = self.utterances.with_states(states)
        return replace(self, utterances=utterances, tokens=None, segments=None)

    def batch(self, rows: Sequence[int]) -> Batch:
        """Return these utterances as one padded batch."""
        return collate(
            self.utterances,
            rows,
            tokens=self.tokens,
            segments=self.segments,
            words=self.words,
            padded_lengths=self.padded_lengths,
        )


def build_feed(
    config: ExperimentConfig,
    corpus: Corpus,
    *,
    split: Split,
    states: TextStates | None = None,
    stored_ids: bool | None = None,
    tokeniser: Tokeniser | None = None,
) -> Feed:
    """Return the feed of a split; ``states`` of a frozen encoder replace the tokens.

    Token ids that the corpus stores are of the dataset's vocabulary. An encoder with that
    vocabulary and room for all of them reads these; any other encoder tokenises ``raw_text``.
    Where an aligned corpus has one frame a word, audio and vision follow the tokens: each takes the
    frame of its word, and marks take zeros (see ``tokens_of_words``).

    Args:
        config: the experiment.
        corpus: the data.
        split: the split.
        states: hidden states of a frozen text encoder; None reads the texts.
        stored_ids: whether token ids that the corpus stores are read; None decides by its training
            split (see ``reads_stored_ids``).
        tokeniser: what tokenises the texts; None loads the one that belongs to the text encoder.

    Raises:
        EncoderError: the tokeniser cannot be loaded.
        DataError: the system joins its streams frame by frame, and an utterance does not have
            one frame for each token.
    """
    utterances = corpus.splits[split]
    padded, steps = dict(corpus.padded_lengths), config.model.text.max_tokens
    text = _Text()
    if Modality.TEXT not in config.model.streams:
        text = _Text(tokens=[np.zeros(0, np.int64)] * len(utterances))
    elif corpus.text_width is None:
        if states is None or follows_words(corpus):
            ids = reads_stored_ids(config, corpus) if stored_ids is None else stored_ids
            tokenise = tokeniser or load_tokeniser(config.model.text.name, steps)
            text = _read_text(corpus, utterances, tokeniser=tokenise, stored_ids=ids)
        padded[Modality.TEXT] = steps
    if text.words is not None:
        padded |= {Modality.AUDIO: steps, Modality.VISION: steps}
    if states is not None:
        text = replace(text, tokens=None)
        utterances = utterances.with_states(states.splits[split])
    if config.model.STEPWISE and config.alignment == "aligned":
        _check_frames(config, utterances, text=text)
    return Feed(
        utterances=utterances,
        tokens=text.tokens,
        segments=text.segments,
        words=text.words,
        padded_lengths=padded if config.model.pads_fully else None,
        text_steps=padded[Modality.TEXT],
        streams=config.model.streams,
        label_bound=corpus.dataset.label_bound,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """Tokens, segments and words of a feed, where it has them."""

    tokens: Ids | None = None
    segments: Ids | None = None
    words: Ids | None = None


def _read_text(
    corpus: Corpus, utterances: Utterances, *, tokeniser: Tokeniser, stored_ids: bool
) -> _Text:
    """Return what the texts are read as."""
    words = utterances.content.words
    if words is not None and follows_words(corpus):
        _check_text(corpus, utterances)
        tokens, words_of_tokens = tokeniser.of_words(words)
        return _Text(tokens=tokens, words=words_of_tokens)
    if not (stored_ids and corpus.has_token_ids):
        _check_text(corpus, utterances)
        return _Text(tokens=tokeniser(utterances.raw_text))
    rows = range(len(utterances))
    stored = _given([utterances.token_ids(row) for row in rows])
    segments = _given([utterances.segment_ids(row) for row in rows])
    return _Text(tokens=stored or [], segments=segments)


def follows_words(corpus: Corpus) -> bool:
    """Return whether audio and vision have one frame for each word, which its tokens take."""
    has_words = all(each.content.words is not None for each in corpus.splits.values())
    return corpus.alignment == "aligned" and not corpus.has_token_ids and has_words


def _check_text(corpus: Corpus, utterances: Utterances) -> None:
    """Raise an error where the corpus holds no words."""
    if not any(utterances.raw_text):
        raise DataError(
            f"the {corpus.alignment} data hold neither words nor token ids that the text "
            "encoder reads; expected raw_text; add the transcripts, or leave the text out "
            "(model.modalities, for the systems that have it)"
        )


def _check_frames(config: ExperimentConfig, utterances: Utterances, *, text: _Text) -> None:
    """Raise an error where aligned streams do not have one frame for each token."""
    if text.words is not None:
        return  # the frames follow the tokens
    tokens, content = text.tokens, utterances.content
    given = utterances.text_lengths if tokens is None else [len(ids) for ids in tokens]
    steps = {
        Modality.TEXT: [] if given is None else given,
        Modality.AUDIO: content.streams[Modality.AUDIO].lengths,
        Modality.VISION: content.streams[Modality.VISION].lengths,
    }
    for row, name in enumerate(utterances.ids):
        lengths = {m: int(steps[m][row]) for m in config.model.streams}
        if len({length for length in lengths.values() if length}) > 1:
            got = ", ".join(f"{m} {length}" for m, length in lengths.items())
            raise DataError(
                f"model {config.model.name} joins aligned streams frame by frame, but utterance "
                f"{name} has steps {got}; expected one frame a token. The file's frames belong to "
                "the tokens it stores: choose a text encoder with their "
                "vocabulary, or a model that does not join frames"
            )


def reads_stored_ids(config: ExperimentConfig, corpus: Corpus) -> bool:
    """Return whether an experiment reads the token ids that a corpus stores.

    It does if they mean the same to its tokeniser, and there is room for all of them. A vocabulary
    other than bert-base-uncased is known by its ids: those of the words are the same. The training
    split decides for all.

    Raises:
        DataError: the ids are said to be of the tokeniser's vocabulary, and are not.
        EncoderError: the tokeniser cannot be loaded.
    """
    text, vocabulary = config.model.text, corpus.dataset.vocabulary
    fits = corpus.padded_lengths.get(Modality.TEXT, 0) <= text.max_tokens
    is_read = Modality.TEXT in config.model.streams and corpus.text_width is None
    if not (is_read and corpus.has_token_ids and fits and vocabulary):
        return False
    tokeniser = load_tokeniser(text.name, text.max_tokens)
    utterances = corpus.splits[Split.TRAIN]
    agreement = _agreement(utterances, tokeniser)
    if vocabulary != _UNCASED:
        return agreement is not None and agreement > _SAME
    if tokeniser.reads_stored_ids and agreement is not None and agreement < _OTHER:
        raise DataError(
            f"utterance {utterances.ids[0]} and others: the token ids of the file are not those of "
            f"their words; expected ids of {_UNCASED}; read the words instead "
            "(--set data.text_source=words), or name the dataset (data.dataset)"
        )
    return tokeniser.reads_stored_ids


def _agreement(utterances: Utterances, tokeniser: Tokeniser) -> float | None:
    """Return the mean share of a sentence's ids that the file stores, too; None without words."""
    rows = [row for row, text in enumerate(utterances.raw_text[:_SAMPLE]) if text.strip()]
    if not rows:
        return None
    shares = []
    for row, own in zip(rows, tokeniser([utterances.raw_text[row] for row in rows]), strict=True):
        stored, words = utterances.token_ids(row), set(own[1:-1].tolist())
        if stored is not None and words:
            shares.append(len(words & set(stored.tolist())) / len(words))
    return float(np.mean(shares)) if shares else None


def _given(ids: Sequence[NDArray[np.int64] | None]) -> Ids | None:
    """Return the ids of every utterance, None where the corpus stores none."""
    given = [values for values in ids if values is not None]
    return given if len(given) == len(ids) else None
