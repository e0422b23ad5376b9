"""How the frames of one stream of a batch are laid out: padded, or packed as rows without padding.

Both layouts have the same methods, so that a module computes with either. Packed frames take the
lengths on the host, so they serve CPUs. A padded layout never waits for its device.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional as F

from sugrm.modules import host
from sugrm.modules.dense.groups import Groups, group_attention
from sugrm.modules.dense.visible import visible_keys
from sugrm.modules.positions import add_positions, last_frame, sinusoids


class Frames(ABC):
    """The layout of one stream's frames.

    Attributes:
        lengths: [B] int64 number of real frames; 0 marks an absent stream.
        steps: T, the number of steps of the padded batch.
    """

    def __init__(self, lengths: Tensor, steps: int) -> None:
        self.lengths, self.steps = lengths, steps

    @abstractmethod
    def arrange(self, sequence: Tensor) -> Tensor:
        """Return [B, T, D] frames in this layout."""

    @abstractmethod
    def with_positions(self, frames: Tensor) -> Tensor:
        """Return frames of this layout with their positions added."""

    @abstractmethod
    def spread(self, values: Tensor) -> Tensor:
        """Return [B] values of utterances in a shape that broadcasts over frames."""

    @abstractmethod
    def last(self, frames: Tensor) -> Tensor:
        """Return each utterance's last frame, laid out as ``last_frames`` says."""

    @abstractmethod
    def last_frames(self) -> "Frames":
        """Return the layout of the last frames alone."""

    @abstractmethod
    def visible(self, keys: "Frames", *, heads: int, future_mask: bool) -> Tensor | Groups:
        """Return which keys each query of this layout may attend, as ``Attention`` takes it.

        Args:
            keys: the keys, in the same layout.
            heads: H, the number of heads.
            future_mask: True hides later keys, see ``visible_keys``.
        """


class PaddedFrames(Frames):
    """Frames as [B, T, D], padded to the longest.

    Args:
        lengths: [B] int64 number of real frames; 0 marks an absent stream, whose first frame then
            stands for it.
        steps: T, the number of steps of the batch.
    """

    def arrange(self, sequence: Tensor) -> Tensor:
        """Return the frames as they are."""
        return sequence

    def with_positions(self, frames: Tensor) -> Tensor:
        """Return frames with their positions added."""
        return add_positions(frames, skip_zero_frames=False)

    def spread(self, values: Tensor) -> Tensor:
        """Return [B, 1, 1] values."""
        return values[:, None, None]

    def last(self, frames: Tensor) -> Tensor:
        """Return each utterance's last frame."""
        return last_frame(frames, self.lengths)[:, None]

    def last_frames(self) -> "PaddedFrames":
        """Return the layout of the last frames alone."""
        return PaddedFrames(torch.ones_like(self.lengths), 1)

    def visible(self, keys: Frames, *, heads: int, future_mask: bool) -> Tensor:
        """Return the mask of ``visible_keys``."""
        return visible_keys(
            self.lengths,
            keys.lengths,
            steps=self.steps,
            key_steps=keys.steps,
            future_mask=future_mask,
        )


class PackedFrames(Frames):
    """Frames as [N, D], the real ones of all utterances one after the other.

    Args:
        lengths: [B] int64 number of real frames, on a CPU; 0 marks an absent stream, for which one
            frame of zeros stands.
        steps: T, the number of steps of the padded batch.
    """

    def __init__(self, lengths: Tensor, steps: int) -> None:
        super().__init__(lengths, steps)
        self.counts = lengths.clamp(min=1)
        self.starts = self.counts.cumsum(0) - self.counts
        self.rows = int(self.counts.sum())
        self.owner = torch.repeat_interleave(self.counts, output_size=self.rows)
        self.place = torch.arange(self.rows) - self.starts[self.owner]

    def arrange(self, sequence: Tensor) -> Tensor:
        """Return [N, D] real frames of [B, T, D]."""
        rows = sequence.flatten(0, 1).index_select(0, self.owner * self.steps + self.place)
        if bool((self.lengths > 0).all()):
            return rows
        return torch.where(self.spread(self.lengths > 0), rows, 0.0)

    def with_positions(self, frames: Tensor) -> Tensor:
        """Return frames with their positions added."""
        table = sinusoids(self.steps, frames.shape[1], device=frames.device).to(frames.dtype)
        return frames + table.index_select(0, self.place)

    def neighbours(self, frames: Tensor, reach: int) -> Tensor:
        """Return each frame's neighbourhood [N, 2 reach + 1, D], zeros past the ends."""
        if reach == 0:
            return frames[:, None]
        near = torch.arange(-reach, reach + 1)
        place = self.place[:, None] + near
        own = (place >= 0) & (place < self.counts[self.owner, None])
        rows = torch.where(own, torch.arange(self.rows)[:, None] + near, self.rows)
        padded = F.pad(frames, (0, 0, 0, 1))  # the row of zeros
        return padded.index_select(0, rows.flatten()).view(self.rows, len(near), -1)

    def spread(self, values: Tensor) -> Tensor:
        """Return [N, 1] values."""
        return values[self.owner, None]

    def last(self, frames: Tensor) -> Tensor:
        """Return each utterance's last frame."""
        return frames.index_select(0, self.starts + self.counts - 1)

    def last_frames(self) -> "PackedFrames":
        """Return the layout of the last frames alone."""
        return PackedFrames(torch.ones_like(self.lengths), 1)

    def visible(self, keys: Frames, *, heads: int, future_mask: bool) -> Groups:
        """Return the groups in which the queries attend."""
        assert isinstance(keys, PackedFrames)
        return group_attention(
            (self.starts, self.counts),
            (keys.starts, keys.counts),
            heads=heads,
            future_mask=future_mask,
        )


def lay_out(lengths: Tensor, steps: int) -> Frames:
    """Return the layout that suits the device: packed on a CPU, padded elsewhere and in a trace.

    Args:
        lengths: [B] int64 number of real frames.
        steps: T, the number of steps of the batch.
    """
    packed = host.is_on_host(lengths)
    return PackedFrames(lengths, steps) if packed else PaddedFrames(lengths, steps)
