"""Scores of sentiment regression: MAE, correlation and the accuracies of the same numbers.

Source: Section 4.4 of the paper (binary accuracy and weighted F1, each both ways, MAE, Pearson
correlation); the five- and seven-class accuracies are the released code's. Accuracies and F1 are
fractions in [0, 1]. Means are taken in float64.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Classes = NDArray[np.bool_]

METRIC_MODES: Mapping[str, Literal["min", "max"]] = {
    "loss": "min",
    "mae": "min",
    "corr": "max",
    "acc2_negative_nonnegative": "max",
    "acc2_negative_positive": "max",
    "f1_negative_nonnegative": "max",
    "f1_negative_positive": "max",
    "acc5": "max",
    "acc7": "max",
}
"""Metric -> whether a lower (``min``) or a higher value is better.

``loss`` comes from the objective, the others from `score`.
"""


def score(predictions: NDArray[np.floating], labels: NDArray[np.floating]) -> dict[str, float]:
    """Return the metrics of predicted sentiment against human labels.

    Args:
        predictions: [N] predicted sentiment, of any range.
        labels: [N] human sentiment in [-3, 3].

    Returns:
        Every metric of `METRIC_MODES` but ``loss``. A metric without a value is NaN: the
        correlation where predictions or labels are constant, the negative/positive pair where
        every label is 0, and all of them where a prediction is not finite, since a model that
        has diverged must not rank among those that have not.

    Raises:
        ValueError: if the arrays are empty or not two vectors of one length.

    Example:
        >>> round(score(np.array([1.0, -2.0]), np.array([2.0, -1.5]))["mae"], 6)
        0.75
    """
    if predictions.ndim != 1 or predictions.shape != labels.shape or not len(labels):
        raise ValueError(
            f"score: predictions of shape {predictions.shape} and labels of shape {labels.shape};"
            " expected two vectors of one length above 0; flatten them or score a larger split"
        )
    if not np.isfinite(predictions).all():
        return {name: float("nan") for name in METRIC_MODES if name != "loss"}
    predicted, true = predictions.astype(np.float64), labels.astype(np.float64)
    signed = true != 0
    nonnegative = predicted >= 0, true >= 0
    positive = predicted[signed] > 0, true[signed] > 0
    return {
        "mae": float(np.abs(predicted - true).mean()),
        "corr": pearson_correlation(predicted, true),
        "acc2_negative_nonnegative": binary_accuracy(*nonnegative),
        "acc2_negative_positive": binary_accuracy(*positive),
        "f1_negative_nonnegative": weighted_f1(*nonnegative),
        "f1_negative_positive": weighted_f1(*positive),
        "acc5": rounded_accuracy(predicted, true, bound=2.0),
        "acc7": rounded_accuracy(predicted, true, bound=3.0),
    }


def pearson_correlation(predicted: Numbers, true: Numbers) -> float:
    """Return Pearson's r, or NaN where either side is constant."""
    if np.ptp(predicted) == 0 or np.ptp(true) == 0:
        return float("nan")
    # Scaled first: the squares of very large or very small numbers leave float64's range.
    first, second = _centred_unit(predicted), _centred_unit(true)
    return float(np.clip(first @ second, -1.0, 1.0))


def _centred_unit(values: Numbers) -> Numbers:
    centred = values - values.mean()
    scaled = centred / np.abs(centred).max()
    unit: Numbers = scaled / np.linalg.norm(scaled)
    return unit


def binary_accuracy(predicted: Classes, true: Classes) -> float:
    """Return the share of equal classes, or NaN where there is nothing to score."""
    return float((predicted == true).mean()) if len(true) else float("nan")


def weighted_f1(predicted: Classes, true: Classes) -> float:
    """Return the F1 of each class, averaged by how many samples truly have it.

    A class that is neither predicted nor true has an F1 of 0, and weighs nothing.
    """
    if not len(true):
        return float("nan")
    return sum(
        _f1_of_class(predicted == value, true == value) * float((true == value).mean())
        for value in (False, True)
    )


def _f1_of_class(predicted: Classes, true: Classes) -> float:
    members = int(predicted.sum()) + int(true.sum())
    return 2.0 * int((predicted & true).sum()) / members if members else 0.0


def rounded_accuracy(predicted: Numbers, true: Numbers, *, bound: float) -> float:
    """Return the share of equal classes after clipping to +-``bound`` and rounding half to even."""
    classes = [np.round(np.clip(values, -bound, bound)) for values in (predicted, true)]
    return float((classes[0] == classes[1]).mean())
