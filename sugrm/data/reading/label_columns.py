"""Labels that come as columns: which of them is the sentiment, and which are known.

CMU-MultimodalSDK gives MOSEI's labels as sentiment, happy, sad, anger, surprise, disgust and fear;
files made with it hold all seven, and their readers take the first (MMIM's collate function).

A score needs no label: in a file to score those that are missing are NaN, and labels that cannot be
used are left out with a remark, where a file to train on is rejected.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.reading import values
from sugrm.data.reading.raw import Array

Labels = npt.NDArray[np.float32]

SDK_COLUMNS = 7
"""Columns of MOSEI's labels: the sentiment and six emotions."""

FIRST_OF_SEVEN = "the labels have seven columns: the first, the sentiment, is read"
"""The remark on such labels."""


def sentiments(labels: Array) -> Array | None:
    """Return [N] the sentiments of labels [N, ...], None where they hold something else.

    >>> import numpy as np
    >>> sentiments(np.ones((2, 1, 1))).shape, sentiments(np.ones((2, 4, 2)))
    ((2,), None)
    """
    if not labels.ndim or 0 in labels.shape:
        return None
    columns = labels.reshape(len(labels), -1)
    if columns.shape[1] not in (1, SDK_COLUMNS) or _are_one_hot(columns):
        return None
    first: Array = columns[:, 0]
    return first


def _are_one_hot(columns: Array) -> bool:
    """Whether columns mark one class a row, as the seven emotions of MELD."""
    is_binary = ((columns == 0) | (columns == 1)).all()
    return columns.shape[1] > 1 and bool(is_binary and (columns.sum(axis=1) == 1).all())


def has_emotions(labels: Array) -> bool:
    """Return whether labels [N, ...] hold the six emotions beside the sentiment."""
    return bool(labels.size) and labels.size == SDK_COLUMNS * len(labels)


def known_labels(
    given: Mapping[str, Any], key: str, *, count: int, bound: float
) -> tuple[Labels, tuple[str, ...]]:
    """Return [N] labels, NaN where there is none, and a remark on labels that are left out.

    Args:
        given: key -> what the file holds.
        key: the key of the labels; the file may lack it.
        count: N.
        bound: labels lie in [-bound, bound].
    """
    if key not in given:
        return no_labels(count), ()
    array = values.any_numbers(given[key])
    found = None if array is None or not array.ndim else sentiments(array)
    if found is None or len(found) != count:
        got = values.shape_of(given[key])
        return no_labels(count), (f"{key} is not read: got {got}, expected one label a row",)
    return within(found, name=key, bound=bound)


def within(
    labels: npt.NDArray[np.floating[Any]] | Array, *, name: str, bound: float
) -> tuple[Labels, tuple[str, ...]]:
    """Return [N] labels as float32; none, with a remark, where one lies beyond the bound."""
    outside = np.flatnonzero(np.abs(labels) > bound)  # false for NaN
    if outside.size:
        limits = f"[-{bound:g}, {bound:g}]"
        got = f"{labels[outside[0]]:g} ({outside.size} such labels)"
        return no_labels(len(labels)), (
            f"{name} is not read: got {got}, expected labels in {limits}",
        )
    return labels.astype(np.float32), ()


def no_labels(count: int) -> Labels:
    """Return [N] NaN."""
    return np.full(count, np.nan, np.float32)
