"""What a layout finds in a file, before it is checked and packed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.types import Modality

Array = npt.NDArray[Any]
Lengths = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RawStream:
    """One stream of a split, as the file holds it.

    Attributes:
        frames: [N, T, D] numbers padded to one length, or N sequences [T, D] of true length.
        lengths: [N] numbers of real frames that the file states; None where it states none.
    """

    frames: Array | Sequence[Array]
    lengths: Lengths | None = None

    @property
    def is_padded(self) -> bool:
        """Whether all sequences stand in one array."""
        return isinstance(self.frames, np.ndarray)

    @property
    def width(self) -> int:
        """Return D."""
        first = self.frames if isinstance(self.frames, np.ndarray) else self.frames[0]
        return int(first.shape[-1])

    @property
    def steps(self) -> int:
        """Return T, the padded length; that of the longest sequence where none is padded."""
        if isinstance(self.frames, np.ndarray):
            return int(self.frames.shape[1])
        return max(len(sequence) for sequence in self.frames)

    @property
    def is_empty(self) -> bool:
        """Whether all numbers are 0 or NaN, as files write a stream that they lack."""
        return not any(np.nan_to_num(sequence).any() for sequence in self.frames)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RawSplit:
    """One split of a file.

    Attributes:
        ids: name of each of its N utterances; two may have the same.
        raw_text: transcript of each utterance; None where the file holds no words.
        labels: [N] human sentiment.
        streams: audio, vision and text features; a stream that the file lacks is not among them.
        token_ids: [N, 3, T] token ids, mask and segment ids of a text encoder, the tokens in front;
            None where the file holds none.
        token_padding: the side on which the file pads the tokens.
        unimodal_labels: modality -> [N] human sentiment of that modality alone.
        words: the words of each utterance, where audio and vision have one frame for each of them;
            None where they have not.
        remarks: sentences for the user, on what the layout read in another way than
            the file has it.
    """

    ids: list[str]
    raw_text: list[str] | None
    labels: npt.NDArray[np.float32]
    streams: Mapping[Modality, RawStream]
    token_ids: Array | None = None
    token_padding: str = "back"
    unimodal_labels: Mapping[Modality, npt.NDArray[np.float32]] = field(default_factory=dict)
    words: list[list[str]] | None = None
    remarks: tuple[str, ...] = ()
