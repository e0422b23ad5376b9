"""Padded batches from rows of a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sugrm.data.corpus import Utterances
from sugrm.errors import DataError
from sugrm.types import Batch, Modality

if TYPE_CHECKING:  # inspecting a file must not load PyTorch
    from torch import Tensor

Sequences = Sequence[npt.NDArray[Any]]


def collate(
    utterances: Utterances,
    rows: Sequence[int],
    *,
    tokens: Sequences | None,
    segments: Sequences | None = None,
    words: Sequences | None = None,
    padded_lengths: Mapping[Modality, int] | None = None,
) -> Batch:
    """Return the utterances ``rows`` as one batch, padded with zeros at the back.

    Each stream is padded to its longest sequence of the batch, at least 1, or to
    ``padded_lengths`` where given (a longer sequence then widens its batch). Lengths stay true.

    Args:
        utterances: the split.
        rows: the row of each utterance in the split.
        tokens: [T] token ids of every utterance of the split; None takes the split's text features.
        segments: [T] token types of every utterance of the split, for encoders that take them; None
            gives none.
        words: [T] for each token of every utterance of the split, the row of the frame that it
            takes from audio and vision, -1 for a frame of zeros; None takes the frames as they are.
        padded_lengths: the least number of steps that each stream is padded to; None pads to the
            longest sequence of the batch.

    Raises:
        DataError: ``tokens`` is None and the split holds no text features.
    """
    least = padded_lengths or {}
    audio, audio_lengths = _padded(
        [_taken(utterances.audio(row), row, words=words) for row in rows],
        least.get(Modality.AUDIO, 1),
    )
    vision, vision_lengths = _padded(
        [_taken(utterances.vision(row), row, words=words) for row in rows],
        least.get(Modality.VISION, 1),
    )
    text_steps = least.get(Modality.TEXT, 1)
    text: dict[str, Tensor] = {}
    if tokens is None:
        text["text_features"], text["text_lengths"] = _text(utterances, rows, least=text_steps)
    else:
        text["token_ids"], text["text_lengths"] = _padded(_ids(tokens, rows), text_steps)
    if segments is not None:
        text["segment_ids"], _ = _padded(_ids(segments, rows), text_steps)
    index = np.asarray(rows, dtype=np.int64)
    return Batch(
        audio=audio,
        vision=vision,
        audio_lengths=audio_lengths,
        vision_lengths=vision_lengths,
        labels=_tensor(utterances.labels[index]),
        index=_tensor(index),
        **text,
    )


def _taken(
    frames: npt.NDArray[np.float32], row: int, *, words: Sequences | None
) -> npt.NDArray[np.float32]:
    """Return the frames [T, D] that the tokens of utterance ``row`` take; none where absent."""
    if words is None or not len(frames):
        return frames
    taken = frames[words[row]]  # a copy, in which the rows of -1 are set to zeros
    taken[words[row] < 0] = 0
    return taken


def _ids(sequences: Sequences, rows: Sequence[int]) -> Sequences:
    return [np.asarray(sequences[row], dtype=np.int64) for row in rows]


def _text(utterances: Utterances, rows: Sequence[int], *, least: int) -> tuple[Tensor, Tensor]:
    features = [utterances.text(row) for row in rows]
    given = [sequence for sequence in features if sequence is not None]
    lengths = utterances.text_lengths
    if lengths is None or len(given) != len(features):
        raise DataError(
            "the corpus holds no text features, and no tokens were given; expected one of them: "
            "tokenise raw_text, or read a file with a `text` array"
        )
    return _padded(given, least)[0], _tensor(lengths[np.asarray(rows, dtype=np.int64)])


def _padded(sequences: Sequences, least: int) -> tuple[Tensor, Tensor]:
    """Return [B, T, ...] the sequences padded at the back, and [B] their lengths."""
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    steps = max(1, least, int(lengths.max(initial=0)))
    first = sequences[0]
    padded = np.zeros((len(sequences), steps, *first.shape[1:]), first.dtype)
    for row, sequence in enumerate(sequences):
        padded[row, : len(sequence)] = sequence
    return _tensor(padded), _tensor(lengths)


def _tensor(array: npt.NDArray[Any]) -> Tensor:
    import torch

    return torch.from_numpy(array)
