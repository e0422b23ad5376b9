"""Sequences of unequal length, laid end to end in one flat array."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ragged:
    """N sequences without padding.

    Attributes:
        values: [sum of T * D] values of all sequences, one sequence after the other.
        offsets: [N + 1] int64 offsets; sequence n is ``values[offsets[n]:offsets[n + 1]]``.
        width: D, the number of features of a step, at least 1.
    """

    values: npt.NDArray[Any]
    offsets: npt.NDArray[np.int64]
    width: int

    def __len__(self) -> int:
        """Return N."""
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> npt.NDArray[Any]:
        """Return sequence ``row`` as a view [T, D]; nothing is copied."""
        flat = self.values[self.offsets[row] : self.offsets[row + 1]]
        return flat.reshape(-1, self.width)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Return [N] the steps of each sequence."""
        return np.diff(self.offsets) // self.width

    @classmethod
    def pack(
        cls, sequences: Sequence[npt.NDArray[Any]], width: int, *, dtype: npt.DTypeLike = np.float32
    ) -> "Ragged":
        """Return the sequences, each [T, D] (or [T] where D is 1), laid end to end."""
        steps = np.array([sequence.size for sequence in sequences], dtype=np.int64) // width
        packed = cls.empty(steps, width, dtype=dtype)
        for row, sequence in enumerate(sequences):
            packed[row][:] = sequence.reshape(-1, width)
        return packed

    @classmethod
    def empty(
        cls, lengths: npt.NDArray[np.int64], width: int, *, dtype: npt.DTypeLike = np.float32
    ) -> "Ragged":
        """Return sequences of these lengths [N], to be filled in."""
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths * width)])
        return cls(values=np.empty(int(offsets[-1]), dtype), offsets=offsets, width=width)
