"""What a trained model expects of its inputs, and how files are read for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sugrm.config.sections.datasets import DatasetDescription
from sugrm.data.cache.content import Alignment, LengthSource, TextSource
from sugrm.data.reading.options import Reading
from sugrm.errors import ArgumentError
from sugrm.types import Modality


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedInputs:
    """The corpus that a model was trained on, as far as its inputs must be like it.

    Attributes:
        dataset: range of the labels, language and keys of its files.
        streams: the modalities that the model reads.
        widths: D of audio and vision, and of the text where the model was trained on text
            features; without the text where it reads token ids or words.
        padded_lengths: number of steps to which the training corpus pads each stream.
        alignment: ``aligned`` where audio and vision had one frame for each token or word.
        stored_ids: whether the model reads the token ids of files that hold some, not the words.
        follows_words: whether audio and vision had one frame for each word, which its tokens take.
        lengths: where the numbers of real frames come from, as in ``Reading``.
        text_source: what was read as the text in training, as in ``Reading``; None takes token ids,
            else words, or the features where ``widths`` has the text.
        text_column: name of the column of texts in a table; None takes the usual names.
        untrained: streams that the model reads and that no utterance of its training had.
    """

    dataset: DatasetDescription
    streams: tuple[Modality, ...]
    widths: Mapping[Modality, int]
    padded_lengths: Mapping[Modality, int]
    alignment: Alignment = "unaligned"
    stored_ids: bool = False
    follows_words: bool = False
    lengths: LengthSource = "checked"
    text_source: TextSource | None = None
    text_column: str | None = None
    untrained: tuple[Modality, ...] = ()

    def __post_init__(self) -> None:
        """Refuse streams without a width.

        Raises:
            ArgumentError: audio or vision is read, and its width is not given.
        """
        lacking = [m for m in self.streams if m != Modality.TEXT and m not in self.widths]
        if lacking:
            raise ArgumentError(
                f"widths has no {' and no '.join(lacking)}, which the model reads; expected the "
                "widths of the training corpus"
            )

    @property
    def reads_text(self) -> bool:
        """Whether the model reads the text, in whatever form."""
        return Modality.TEXT in self.streams

    @property
    def reads_features(self) -> bool:
        """Whether the model was trained on text features."""
        return Modality.TEXT in self.widths

    @property
    def reading(self) -> "InputReading":
        """Return how files are read for the model."""
        return InputReading(
            alignment=self.alignment,
            dataset=self.dataset,
            lengths=self.lengths,
            text="features" if self.reads_features else self.text_source,
            needs_words=self.reads_text and not self.reads_features,
            column=self.text_column,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InputReading(Reading):
    """How a file to score is read: labels and splits may be missing.

    Attributes:
        needs_words: whether a table needs a column of texts.
        column: name of that column; None takes the usual names.
    """

    needs_words: bool = True
    column: str | None = None

    @property
    def for_training(self) -> bool:
        """Whether labels and all three splits are required: no."""
        return False

    @property
    def reads_words(self) -> bool:
        """Whether a table needs a column of texts."""
        return self.needs_words

    @property
    def text_column(self) -> str | None:
        """Return the name of the column of texts; None takes the usual names."""
        return self.column
