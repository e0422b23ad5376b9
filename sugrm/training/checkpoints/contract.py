"""What a trained model reads: its input contract, which lies in its file beside the weights."""

from typing import Literal

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.sections.datasets import DatasetDescription
from sugrm.config.sections.section import Section
from sugrm.data import Corpus
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
    """

    dataset: DatasetDescription
    alignment: Literal["aligned", "unaligned"]
    streams: tuple[Modality, ...]
    widths: dict[Modality, int]
    padded_lengths: dict[Modality, int]
    stored_ids: bool
    follows_words: bool


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
    )


def contract_if_known(config: ExperimentConfig, corpus: Corpus) -> InputContract | None:
    """Return what ``contract_of`` returns; None where the tokeniser cannot be loaded here.

    A trial whose hidden states came from another machine must not fail at its end for that.
    """
    try:
        return contract_of(config, corpus)
    except EncoderError:
        return None
