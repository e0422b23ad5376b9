"""The metrics of CH-SIMS, for labels in [-1, 1].

Source: the metrics of MMSA (github.com/thuiar/MMSA, utils/metricsTop.py, its regression on SIMS),
the framework that CH-SIMS was published with. Predictions and labels are clipped to [-1, 1] before
anything is computed, MAE and correlation included. A class is an interval that holds its upper
border but not its lower one. F1 is that of the two classes, weighted by how often each is true.
Borders are compared in the number format of the values, so that a float32 label of -0.7 lies on
its border.
"""

import numpy as np
from numpy.typing import NDArray

from sugrm.metrics.regression import binary_accuracy, regression_scores, weighted_f1

BOUND = 1.0
THREE = (-0.1, 0.1)
FIVE = (-0.7, -0.1, 0.1, 0.7)
"""Upper borders of all classes but the highest."""

Floats = NDArray[np.floating]


def sims_scores(predicted: Floats, true: Floats) -> dict[str, float]:
    """Return the metrics of predictions [N] against labels [N] in [-1, 1], N at least 1."""
    predicted, true = (np.clip(values, -BOUND, BOUND) for values in (predicted, true))
    positive = predicted > 0, true > 0
    return {
        **regression_scores(predicted, true),
        "acc2_sims": binary_accuracy(*positive),
        "f1_sims": weighted_f1(*positive),
        "acc3_sims": _accuracy(predicted, true, borders=THREE),
        "acc5_sims": _accuracy(predicted, true, borders=FIVE),
    }


def _accuracy(predicted: Floats, true: Floats, *, borders: tuple[float, ...]) -> float:
    return float((_classes(predicted, borders) == _classes(true, borders)).mean())


def _classes(values: Floats, borders: tuple[float, ...]) -> NDArray[np.intp]:
    """Return [N] how many borders lie below each value; a value on a border is not above it."""
    kind = np.result_type(values.dtype, np.float32)
    return np.searchsorted(np.array(borders, dtype=kind), values.astype(kind), side="left")
