"""Value types that the whole package shares.

Shape letters, used in every docstring: B batch, T steps of a sequence, D features, H heads,
N training utterances, L hidden steps of the sparse phased transformer.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # options name these types, and checking a space must not load PyTorch
    from collections.abc import Mapping

    from torch import Tensor


class Modality(StrEnum):
    """A stream of an utterance."""

    TEXT = "text"
    AUDIO = "audio"
    VISION = "vision"


class Task(StrEnum):
    """What a head predicts: the multimodal sentiment or that of one modality."""

    MULTIMODAL = "M"
    TEXT = "T"
    AUDIO = "A"
    VISION = "V"


class Split(StrEnum):
    """A part of a corpus."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


LABEL_BOUND = 3.0
"""Labels of MOSI and MOSEI lie in [-LABEL_BOUND, LABEL_BOUND]; those of other datasets in the range
that their ``DatasetDescription`` names."""

UNIMODAL_TASKS: tuple[Task, ...] = (Task.TEXT, Task.AUDIO, Task.VISION)
MODALITY_OF: Mapping[Task, Modality] = {
    Task.TEXT: Modality.TEXT,
    Task.AUDIO: Modality.AUDIO,
    Task.VISION: Modality.VISION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One padded batch of utterances.

    Text is given either as ``text_features`` [B, T, D] (hidden states of an encoder, GloVe
    vectors) or as ``token_ids`` [B, T]. A length of None means that every step is real.

    Attributes:
        audio: [B, T, D] audio frames, padded at the back; length 0 marks an absent stream.
        vision: [B, T, D] vision frames, padded at the back; length 0 marks an absent stream.
        text_features: [B, T, D] text features; None where the text comes as tokens.
        token_ids: [B, T] int64 token ids of the text encoder's vocabulary; None where the text
            comes as features.
        segment_ids: [B, T] int64 token types, for encoders that take them; None gives none.
        text_lengths: [B] int64 number of real tokens.
        audio_lengths: [B] int64 number of real audio frames.
        vision_lengths: [B] int64 number of real vision frames.
        labels: [B] human sentiment, within the label bound of the dataset.
        index: [B] int64 row of each utterance in its split.
    """

    audio: Tensor
    vision: Tensor
    text_features: Tensor | None = None
    token_ids: Tensor | None = None
    segment_ids: Tensor | None = None
    text_lengths: Tensor | None = None
    audio_lengths: Tensor | None = None
    vision_lengths: Tensor | None = None
    labels: Tensor | None = None
    index: Tensor | None = None

    def __len__(self) -> int:
        """Return B."""
        return len(self.audio)

    def to(self, device: str) -> Batch:
        """Return the batch with every tensor on ``device``; a copy to a GPU does not block."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Tensor] = {
            name: _moved(tensor, device) for name, tensor in given.items() if tensor is not None
        }
        return replace(self, **moved)


def _moved(tensor: Tensor, device: str) -> Tensor:
    # From pageable memory a copy waits for all work queued on the GPU before it starts.
    if device.startswith("cuda") and tensor.device.type == "cpu":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentScores:
    """Scores of the places in another sequence that a stream's frames belong to, for the CTC loss.

    Attributes:
        log_probabilities: [B, T, K + 1] log probability of each frame for the blank (0) and the K
            places.
        frame_lengths: [B] int64 number of real frames; 0 leaves the utterance out.
        place_lengths: [B] int64 number of places to find, at most K.
    """

    log_probabilities: Tensor
    frame_lengths: Tensor
    place_lengths: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A sequence that a model made from another one, and the sequence that it should have made.

    Attributes:
        name: name of its weight: a field of ``TranslationWeights``.
        translated: [B, T, D] sequence that the model made.
        target: [B, T, D] sequence that it should have made.
        lengths: [B] int64 number of real steps; 0 leaves the utterance out.
    """

    name: str
    translated: Tensor
    target: Tensor
    lengths: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutput:
    """The output of a model for a batch.

    Attributes:
        predictions: task -> [B] sentiment.
        features: task -> [B, D] representation F* from which the head predicts (Section 3.2).
        present: task -> [B] bool, True where the task's stream has a real frame; the multimodal
            task is always present.
        alignments: scores for the CTC loss; empty for a system that aligns nothing.
        translations: sequences for the translation losses; empty for a system that translates
            nothing.
    """

    predictions: Mapping[Task, Tensor]
    features: Mapping[Task, Tensor]
    present: Mapping[Task, Tensor]
    alignments: tuple[AlignmentScores, ...] = ()
    translations: tuple[Translation, ...] = ()
