"""The metrics of MOSI and MOSEI, and the parts that other datasets' metrics share.

Source: Section 4.4 of the paper (binary accuracy and weighted F1, each both ways, MAE, Pearson
correlation); the five- and seven-class accuracies are the released code's. Means are taken in
float64.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Classes = NDArray[np.bool_]


def mosi_scores(predicted: NDArray[np.floating], true: NDArray[np.floating]) -> dict[str, float]:
    """Return the metrics of predictions [N] against labels [N] in [-3, 3], N at least 1."""
    wide, wide_true = predicted.astype(np.float64), true.astype(np.float64)
    signed = wide_true != 0
    nonnegative = wide >= 0, wide_true >= 0
    positive = wide[signed] > 0, wide_true[signed] > 0
    return {
        **regression_scores(predicted, true),
        "acc2_negative_nonnegative": binary_accuracy(*nonnegative),
        "acc2_negative_positive": binary_accuracy(*positive),
        "f1_negative_nonnegative": weighted_f1(*nonnegative),
        "f1_negative_positive": weighted_f1(*positive),
        "acc5": rounded_accuracy(wide, wide_true, bound=2.0),
        "acc7": rounded_accuracy(wide, wide_true, bound=3.0),
    }


def regression_scores(
    predicted: NDArray[np.floating], true: NDArray[np.floating]
) -> dict[str, float]:
    """Return MAE and correlation of predictions [N] with labels [N] of any range."""
    wide, wide_true = predicted.astype(np.float64), true.astype(np.float64)
    return {
        "mae": float(np.abs(wide - wide_true).mean()),
        "corr": pearson_correlation(wide, wide_true),
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
