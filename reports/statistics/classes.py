"""The classes of sentiment that the metrics of each kind of dataset count as right or wrong.

Metrics are of one of three kinds, as in a dataset's description: ``mosi`` (labels in [-3, 3]),
``sims`` (labels in [-1, 1]; MMSA's metrics of CH-SIMS) and ``regression`` (no classes).
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["mosi", "sims", "regression"]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

BOTH_WAYS: tuple[str, ...] = ("negative_nonnegative", "negative_positive")
WAYS: Mapping[Kind, tuple[str, ...]] = {"mosi": BOTH_WAYS, "sims": ("sims",), "regression": ()}
"""The ways in which Acc-2 divides labels; its name in the ledger is ``acc2_`` and the way."""
SIMS_BORDERS: Mapping[str, tuple[float, ...]] = {
    "acc3_sims": (-0.1, 0.1),
    "acc5_sims": (-0.7, -0.1, 0.1, 0.7),
}
"""Borders between the classes of CH-SIMS; a value on a border is in the class below it.

Source: MMSA (github.com/thuiar/MMSA, utils/metricsTop.py).
"""


def correct(
    predictions: NDArray[np.floating[Any]], labels: NDArray[np.floating[Any]], *, way: str
) -> Flags:
    """Return which utterances a system has right in binary accuracy.

    Args:
        predictions: [N] predicted sentiment.
        labels: [N] human sentiment.
        way: ``negative_nonnegative``, or ``negative_positive``, which leaves out labels of 0, or
            ``sims``, where 0 is of the negative class.

    Raises:
        ValueError: ``way`` is none of these.
    """
    known = [each for ways in WAYS.values() for each in ways]
    if way not in known:
        raise ValueError(f"correct: got way {way!r}; expected one of {', '.join(known)}")
    nonnegative: Flags = (predictions >= 0) == (labels >= 0)
    positive: Flags = (predictions > 0) == (labels > 0)
    if way == "sims":
        return positive
    return nonnegative if way == "negative_nonnegative" else positive[labels != 0]


def interval_classes(
    values: NDArray[np.floating[Any]], borders: tuple[float, ...]
) -> NDArray[np.intp]:
    """Return the class of each value, from 0: how many ``borders`` lie below it.

    Both are compared as float32, the type of labels in the ledger, so a label of 0.1 is on 0.1.

    >>> interval_classes(np.array([-0.8, -0.1, 0.2]), (-0.1, 0.1)).tolist()
    [0, 0, 2]
    """
    ends = np.array(borders, dtype=np.float32)
    return np.searchsorted(ends, values.astype(np.float32), side="left")


def clipped(values: Numbers, kind: Kind) -> Numbers:
    """Return the values that metrics of this kind score: those of CH-SIMS clip to [-1, 1].

    NaN stays, and so does an infinite value, which is no prediction.
    """
    if kind != "sims":
        return values
    return np.where(np.isinf(values), values, np.clip(values, -1.0, 1.0))
