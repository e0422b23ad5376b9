"""Labels that come as columns: which of them is the sentiment.

CMU-MultimodalSDK gives MOSEI's labels as sentiment, happy, sad, anger, surprise, disgust and fear;
files made with it hold all seven, and their readers take the first (MMIM's collate function).
"""

from sugrm.data.reading.raw import Array

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
