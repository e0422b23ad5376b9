"""What a trained model reads: its input contract, which lies in its file beside the weights."""

from typing import Literal

import torch
from pydantic import Field

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.sections.datasets import DatasetDescription
from sugrm.config.sections.section import Section
from sugrm.data import Corpus, ExpectedInputs
from sugrm.data.cache.content import LengthSource, TextSource
from sugrm.errors import EncoderError
from sugrm.training.feed import follows_words, reads_stored_ids
from sugrm.types import Modality


class InputContract(Section):
    """The corpus that a model was trained on, as far as new inputs must be like it.

    Attributes:
        dataset: range and metrics of the labels, language, vocabulary of stored token ids.
        alignment: ``aligned`` where audio and vision have one frame for each token.
        streams: the modalities that the model reads.
        widths: stream -> D, the width of its frames or features; without the text where it comes
            as words or token ids.
        padded_lengths: stream -> number of steps to which the corpus pads it.
        stored_ids: whether the token ids of the files are read where they hold some, not the words.
        follows_words: whether audio and vision have one frame for each word, which the tokens of
            the word take.
        lengths: where the numbers of real frames came from, as in ``sugrm.data.Reading``.
        text_source: what was read as the text; None where that is not known.
        untrained: streams among these that no utterance of the corpus had, so that the weights of
            the model for them are those it began with.
        threads: the threads of PyTorch in training: on a CPU other numbers of threads round
            differently.
    """

    dataset: DatasetDescription
    alignment: Literal["aligned", "unaligned"]
    streams: tuple[Modality, ...]
    widths: dict[Modality, int]
    padded_lengths: dict[Modality, int]
    stored_ids: bool
    follows_words: bool
    lengths: LengthSource = "checked"
    text_source: TextSource | None = None
    untrained: tuple[Modality, ...] = ()
    threads: int = Field(1, ge=1)

    def expected(
        self, *, lengths: LengthSource | None = None, text_column: str | None = None
    ) -> ExpectedInputs:
        """Return what ``read_inputs`` and ``inputs_of_records`` expect of files and records.

        Args:
            lengths: where the numbers of real frames come from; None takes that of training.
            text_column: name of the column of texts in a table; None takes the usual names.
        """
        return ExpectedInputs(
            dataset=self.dataset,
            streams=self.streams,
            widths=self.widths,
            padded_lengths=self.padded_lengths,
            alignment=self.alignment,
            stored_ids=self.stored_ids,
            follows_words=self.follows_words,
            lengths=lengths or self.lengths,
            text_source=self.text_source,
            text_column=text_column,
            untrained=self.untrained,
        )


def contract_of(config: ExperimentConfig, corpus: Corpus) -> InputContract:
    """Return the input contract of a model that is trained on a corpus.

    Raises:
        EncoderError: the corpus stores token ids, and the tokeniser that tells whether they are
            read cannot be loaded.
    """
    widths = {Modality.AUDIO: corpus.audio_width, Modality.VISION: corpus.vision_width}
    if corpus.text_width is not None:
        widths[Modality.TEXT] = corpus.text_width
    return InputContract(
        dataset=corpus.dataset,
        alignment=corpus.alignment,
        streams=config.model.streams,
        widths=widths,
        padded_lengths=dict(corpus.padded_lengths),
        stored_ids=reads_stored_ids(config, corpus),
        follows_words=Modality.TEXT in config.model.streams and follows_words(corpus),
        lengths=corpus.notes.lengths,
        text_source=corpus.notes.text_source,
        untrained=tuple(m for m in config.model.streams if m in corpus.notes.absent),
        threads=torch.get_num_threads(),
    )


def contract_if_known(config: ExperimentConfig, corpus: Corpus) -> InputContract | None:
    """Return what ``contract_of`` returns; None where the tokeniser cannot be loaded here.

    A trial whose hidden states came from another machine must not fail at its end for that.
    """
    try:
        return contract_of(config, corpus)
    except EncoderError:
        return None
