"""The side of a stream's padding, and which of its frames are real.

MMSA pads with zeros at the back. MulT and the files made from it pad in front, and so does MMSA-FET
when asked to. Read on the wrong side, zeros are taken for frames and the end is cut off.
"""

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


def find_side(real: Reals) -> Side:
    """Return the side on which most sequences of [N, T] have frames that are not real.

    Silence is recorded as zeros, too: single sequences may begin or end with it. Sequences without
    a real frame tell nothing.
    """
    present = real[real.any(axis=1)]
    front, back = int((~present[:, :1]).sum()), int((~present[:, -1:]).sum())
    if not front and not back:
        return Side.NONE
    return Side.FRONT if front > back else Side.BACK


def found_extent(real: Reals, side: Side | None = None) -> Extent:
    """Return where the real frames of [N, T] lie; zeros on the other side are kept as frames.

    Args:
        real: [N, T], True where a frame is real.
        side: the side of the padding; None finds it.
    """
    chosen = side or find_side(real)
    steps, absent = real.shape[1], ~real.any(axis=1)
    if chosen is Side.FRONT:
        starts = np.where(absent, 0, np.argmax(real, axis=1)).astype(np.int64)
        return Extent(starts, np.where(absent, 0, steps - starts).astype(np.int64), chosen)
    lengths = np.where(absent, 0, steps - np.argmax(real[:, ::-1], axis=1))
    return Extent(np.zeros(len(real), np.int64), lengths.astype(np.int64), chosen)


def stated_extent(real: Reals, lengths: Lengths) -> tuple[Extent, Lengths]:
    """Return the extent of stated lengths, and the rows where real frames lie outside it.

    The padding is at the back, unless that leaves real frames outside in more rows than padding
    in front does.

    Args:
        real: [N, T], True where a frame is real.
        lengths: [N] stated numbers of frames, from 0 to T.
    """
    steps = real.shape[1]
    place = np.arange(steps)
    after = np.flatnonzero((real & (place >= lengths[:, None])).any(axis=1))
    before = np.flatnonzero((real & (place < steps - lengths[:, None])).any(axis=1))
    if len(before) < len(after):
        return Extent(steps - lengths, lengths, Side.FRONT), before.astype(np.int64)
    side = Side.NONE if (lengths == steps).all() else Side.BACK
    return Extent(np.zeros_like(lengths), lengths, side), after.astype(np.int64)
