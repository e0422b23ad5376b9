"""Whether zeros at the sides of arrays are padding, or silence in windows of one length.

Arrays that are padded to one length begin, or end, with zeros of different numbers. Windows are cut
from a recording; some begin or end with a silent frame.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sugrm.data.reading.padding import real_frames
from sugrm.data.reading.raw import Array


def real_steps(array: Array) -> npt.NDArray[np.bool_]:
    """Return [T], True where a frame of [T, D] has a finite number other than 0."""
    found: npt.NDArray[np.bool_] = real_frames(array[None])[0]
    return found


def have_silence(arrays: Iterable[Array]) -> bool:
    """Return whether arrays [T, D] have zeros at their sides that are no padding.

    They are padding where at least half of the arrays have some at one side, of at least two
    different numbers. Arrays of zeros alone tell nothing.
    """
    front, back = [], []
    for array in arrays:
        places = np.flatnonzero(real_steps(array))
        if len(places):
            front.append(int(places[0]))
            back.append(len(array) - 1 - int(places[-1]))
    return any([*front, *back]) and not (_is_padding(front) or _is_padding(back))


def _is_padding(counts: list[int]) -> bool:
    """Whether numbers of zeros at one side are those of padding."""
    zeros = [count for count in counts if count]
    return 2 * len(zeros) >= len(counts) and len(set(zeros)) > 1
