"""The frames of one modality in MMSA's layout.

Split -> ``id``, the modality [N, T, D] and, in unaligned files, its lengths: as MMSA takes
them with ``feature_A`` and ``feature_V``, and MMSA-FET writes them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sugrm.data.reading import values
from sugrm.data.reading.padding import real_frames, stated_extent, stated_side
from sugrm.data.reading.problems import shown
from sugrm.data.reading.raw import Array
from sugrm.errors import DataError
from sugrm.types import Modality

_ADVICE = "see docs/data.md, One file for each modality"


def is_split_arrays(given: Mapping[Any, Any], modality: Modality) -> bool:
    """Whether a split holds ids and the frames of all its utterances in one entry."""
    return "id" in given and str(modality) in given


def states_lengths(given: Mapping[Any, Any], modality: Modality) -> bool:
    """Whether a split holds numbers of frames beside them."""
    return is_split_arrays(given, modality) and given.get(f"{modality}_lengths") is not None


def frames_by_id(path: Path, given: Mapping[Any, Any], *, modality: Modality) -> dict[str, Array]:
    """Return name -> [T, D]; frames outside of stated lengths are an error.

    Raises:
        DataError: the entries are other values, or do not fit each other.
    """
    names, wrong = values.names(given["id"])
    frames = values.numbers(given[modality], 3)
    rows = values.sequences(given[modality]) if frames is None else list(frames)
    if rows is None or values.is_wrong(wrong) or len(names) != len(rows):
        raise DataError(
            f"{path}: {modality} is {values.shape_of(given[modality])} beside {len(names)} ids; "
            f"expected numbers [N, T, D] for N ids; {_ADVICE}"
        )
    stated = given.get(f"{modality}_lengths")
    if stated is not None and frames is not None:
        rows = _cut(path, frames, stated=stated, modality=modality)
    found: dict[str, Array] = {}
    for name, row in zip(names, rows, strict=True):
        if not np.array_equal(found.setdefault(name, row), row, equal_nan=True):
            raise DataError(
                f"{path}: {modality} has other frames in two rows of the id {shown(name)}; "
                f"expected an id of its own for each utterance: rename or remove one; {_ADVICE}"
            )
    return found


def _cut(path: Path, frames: Array, *, stated: object, modality: Modality) -> list[Array]:
    given = values.numbers(stated, 1)
    lengths, bad = (None, ()) if given is None else values.whole_numbers(given, frames.shape[1])
    if lengths is None or len(bad) or len(lengths) != len(frames):
        raise DataError(
            f"{path}: {modality}_lengths does not fit {modality} of shape {list(frames.shape)}; "
            "expected a whole number from 0 to T for each row; correct or remove it"
        )
    real = real_frames(frames)
    extent, outside = stated_extent(real, lengths, side=stated_side([(real, lengths)]))
    if np.size(outside):
        raise DataError(
            f"{path}: {modality} has frames outside the stated length in {len(outside)} rows; "
            f"expected zeros there; correct {modality}_lengths, or remove it: the lengths are then "
            "found from the zeros"
        )
    pairs = zip(frames, extent.starts, extent.lengths, strict=True)
    return [row[start : start + length] for row, start, length in pairs]
