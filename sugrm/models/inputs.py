"""The sizes that a system is built for, and the sequences that it reads from a batch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import (
    LABEL_BOUND,
    AlignmentScores,
    Batch,
    Modality,
    ModelOutput,
    Task,
    Translation,
)

Sequences = dict[Modality, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInputs:
    """What a ``build_*`` function needs besides the system's own options.

    Attributes:
        widths: stream -> D, the width of its features or frames.
        tasks: the tasks that the objective learns.
        alignment: the alignment of the corpus.
        text_steps: the most tokens of an utterance, at least 1.
        label_bound: the largest absolute label of the dataset.
        text_encoder: the text encoder; None where the batches bring text features.
    """

    widths: Mapping[Modality, int]
    tasks: tuple[Task, ...] = (Task.MULTIMODAL,)
    alignment: Literal["unaligned", "aligned"] = "unaligned"
    text_steps: int = 50
    label_bound: float = LABEL_BOUND
    text_encoder: TextEncoder | None = None


def read_sequences(
    batch: Batch,
    text_encoder: TextEncoder | None,
    *,
    streams: Collection[Modality] = tuple(Modality),
) -> Sequences:
    """Return the [B, T, D] sequences of a batch, its tokens encoded.

    Args:
        batch: the batch to read.
        text_encoder: the text encoder; None where the batch brings text features.
        streams: the streams whose sequences are returned; the others are not read.

    Raises:
        ValueError: the batch has neither text features nor tokens that can be encoded.
    """
    sequences = {Modality.AUDIO: batch.audio, Modality.VISION: batch.vision}
    if Modality.TEXT in streams:
        sequences[Modality.TEXT] = _read_text(batch, text_encoder)
    return {m: sequences[m] for m in Modality if m in streams}


def _read_text(batch: Batch, text_encoder: TextEncoder | None) -> Tensor:
    text = batch.text_features
    if text is None:
        if text_encoder is None or batch.token_ids is None:
            raise ValueError(
                "a batch without text_features needs token_ids and a model with a text "
                f"encoder; got token_ids {'given' if batch.token_ids is not None else 'None'}"
                f", text encoder {'present' if text_encoder else 'None'}"
            )
        lengths = _given_or_full(batch.text_lengths, batch.token_ids).clamp(min=1)
        text = text_encoder(batch.token_ids, batch.segment_ids, lengths)
    return text


def read_lengths(batch: Batch, sequences: Mapping[Modality, Tensor], *, true: bool) -> Sequences:
    """Return the [B] int64 lengths of the sequences, all of them full where not ``true``."""
    given = {
        Modality.TEXT: batch.text_lengths,
        Modality.AUDIO: batch.audio_lengths,
        Modality.VISION: batch.vision_lengths,
    }
    return {m: _given_or_full(given[m] if true else None, sequences[m]) for m in sequences}


def _given_or_full(lengths: Tensor | None, sequence: Tensor) -> Tensor:
    if lengths is not None:
        return lengths
    return torch.full((len(sequence),), sequence.shape[1], device=sequence.device)


def multimodal_output(
    features: Tensor,
    prediction: Tensor,
    *,
    alignments: tuple[AlignmentScores, ...] = (),
    translations: tuple[Translation, ...] = (),
) -> ModelOutput:
    """Return the output of a system that has only the multimodal task.

    Args:
        features: [B, D] features that the last layer reads.
        prediction: [B] sentiment.
        alignments: scores for the CTC loss.
        translations: sequences for the translation losses.
    """
    everywhere = torch.ones(len(features), dtype=torch.bool, device=features.device)
    return ModelOutput(
        predictions={Task.MULTIMODAL: prediction},
        features={Task.MULTIMODAL: features},
        present={Task.MULTIMODAL: everywhere},
        alignments=alignments,
        translations=translations,
    )
