"""The side of a stream's padding, and which of its frames are real.

MMSA pads with zeros at the back. MulT and the files made from it pad in front, and so does MMSA-FET
when asked to. Read on the wrong side, zeros are taken for frames and the end is cut off.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sugrm.data.reading.raw import Array, Lengths

Reals = npt.NDArray[np.bool_]


class Side(StrEnum):
    """The side of a stream's padding."""

    BACK = "back"
    FRONT = "front"
    NONE = "none"


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """The real part of each sequence of a padded array.

    Attributes:
        starts: [N] first frame that is kept.
        lengths: [N] number of frames from there on.
        side: side of the padding.
    """

    starts: Lengths
    lengths: Lengths
    side: Side


def real_frames(array: Array) -> Reals:
    """Return [N, T], True where a frame of [N, T, D] has a finite number other than 0."""
    found: Reals = ((array != 0) & np.isfinite(array)).any(axis=2)
    return found


def find_side(reals: Iterable[Reals]) -> Side:
    """Return the side on which most sequences have frames that are not real.

    Silence is recorded as zeros, too: single sequences may begin or end with it. Sequences without
    a real frame tell nothing.

    Args:
        reals: for each split [N, T], True where a frame is real.
    """
    front = back = 0
    for real in reals:
        present = real[real.any(axis=1)]
        front += int((~present[:, :1]).sum())
        back += int((~present[:, -1:]).sum())
    if not front and not back:
        return Side.NONE
    return Side.FRONT if front > back else Side.BACK


def found_extent(real: Reals, side: Side) -> Extent:
    """Return where the real frames of [N, T] lie; zeros on the other side are kept as frames.

    Args:
        real: [N, T], True where a frame is real.
        side: the side of the padding.
    """
    steps, absent = real.shape[1], ~real.any(axis=1)
    if side is Side.FRONT:
        starts = np.where(absent, 0, np.argmax(real, axis=1)).astype(np.int64)
        return Extent(starts, np.where(absent, 0, steps - starts).astype(np.int64), side)
    lengths = np.where(absent, 0, steps - np.argmax(real[:, ::-1], axis=1))
    return Extent(np.zeros(len(real), np.int64), lengths.astype(np.int64), side)


def stated_side(stated: Iterable[tuple[Reals, Lengths]]) -> Side:
    """Return the side of the padding under stated lengths.

    It is the back, unless that leaves real frames outside in more sequences than the front does.

    Args:
        stated: for each split [N, T], True where a frame is real, and [N] lengths from 0 to T.
    """
    after = before = 0
    is_full = True
    for real, lengths in stated:
        after += len(_outside(real, lengths, side=Side.BACK))
        before += len(_outside(real, lengths, side=Side.FRONT))
        is_full = is_full and bool((lengths == real.shape[1]).all())
    if before < after:
        return Side.FRONT
    return Side.NONE if is_full else Side.BACK


def stated_extent(real: Reals, lengths: Lengths, *, side: Side) -> tuple[Extent, Lengths]:
    """Return the extent of stated lengths, and the rows where real frames lie outside it.

    Args:
        real: [N, T], True where a frame is real.
        lengths: [N] stated numbers of frames, from 0 to T.
        side: the side of the padding.
    """
    starts = real.shape[1] - lengths if side is Side.FRONT else np.zeros_like(lengths)
    return Extent(starts, lengths, side), _outside(real, lengths, side=side)


def _outside(real: Reals, lengths: Lengths, *, side: Side) -> Lengths:
    steps = real.shape[1]
    ends = (steps - lengths if side is Side.FRONT else lengths)[:, None]
    place = np.arange(steps)
    outside = real & (place < ends if side is Side.FRONT else place >= ends)
    return np.flatnonzero(outside.any(axis=1)).astype(np.int64)
