"""Scores of many systems on many resamples of the utterances at once.

The scores are those of ``sugrm.metrics``, which reports do not import: MAE, Pearson's r, and by the
kind of metrics binary accuracy and weighted F1, and the other accuracies of CH-SIMS. All of them
are functions of sums over utterances, so a resample is a vector of counts, and one matrix product
scores every system on every resample.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from reports.statistics.classes import SIMS_BORDERS, Kind, Numbers, clipped, interval_classes

_BASIC = ("mae", "corr")
SCORES: Mapping[Kind, tuple[str, ...]] = {
    "mosi": (
        *_BASIC,
        "acc2_negative_nonnegative",
        "f1_negative_nonnegative",
        "acc2_negative_positive",
        "f1_negative_positive",
    ),
    "sims": (*_BASIC, "acc2_sims", "f1_sims", *SIMS_BORDERS),
    "regression": _BASIC,
}
"""The scores of each kind of metrics, in the order in which they are computed."""
_TABLES: Mapping[Kind, int] = {"mosi": 2, "sims": 1, "regression": 0}
"""Number of kinds of binary accuracy: their tables are the first terms after the basic ones."""
_NO_SPREAD = 1e-12  # of the sample's own variance: a resample of one repeated value


def summands(predicted: Numbers, true: Numbers, *, kind: Kind) -> Numbers:
    """Return [N, S, terms]; their sums over utterances give the scores of S systems."""
    finite = np.isfinite(predicted).all(axis=1, keepdims=True)
    predicted = np.where(finite, clipped(predicted, kind), np.nan)
    true = np.broadcast_to(clipped(true, kind), predicted.shape)
    first, second = _standardised(predicted), _standardised(true)
    parts = [
        np.abs(predicted - true),
        *(first, second, first * second, first**2, second**2),
        *_counted(predicted, true, kind=kind),
    ]
    stacked = np.stack([np.where(finite, each, np.nan) for each in parts], axis=-1)
    return np.swapaxes(stacked, 0, 1)


def _counted(predicted: Numbers, true: Numbers, *, kind: Kind) -> list[Numbers]:
    """Return the terms of the accuracies: tables [total, predicted, true, both], then hits."""
    ones = np.ones_like(true)
    if kind == "regression":
        return []
    if kind == "sims":
        hits = [
            interval_classes(predicted, borders) == interval_classes(true, borders)
            for borders in SIMS_BORDERS.values()
        ]
        return [ones, predicted > 0, true > 0, (predicted > 0) & (true > 0), *hits]
    signed, nonnegative = true != 0, predicted >= 0
    positive = signed & (predicted > 0)
    return [
        *(ones, nonnegative, true >= 0, nonnegative & (true >= 0)),
        *(signed, positive, true > 0, positive & (true > 0)),
    ]


def _standardised(values: Numbers) -> Numbers:
    """Return each row centred and scaled, so that sums of squares keep their precision."""
    centred = values - values.mean(axis=1, keepdims=True)
    largest = np.abs(centred).max(axis=1, keepdims=True)
    scaled = centred / np.where(largest > 0, largest, 1.0)
    spread = scaled.std(axis=1, keepdims=True)
    standardised: Numbers = scaled / np.where(spread > 0, spread, 1.0)
    return standardised


def counts_of(chosen: NDArray[np.int64], total: int) -> Numbers:
    """Return [R, N] counts of each of ``total`` utterances among the [R, n] chosen ones."""
    places = chosen + total * np.arange(len(chosen))[:, None]
    counted = np.bincount(places.ravel(), minlength=len(chosen) * total)
    return counted.reshape(len(chosen), total).astype(np.float64)


def scores_of(sums: Numbers, count: int, *, kind: Kind) -> Numbers:
    """Return [S, scores, R] of [R, S, terms] sums over ``count`` utterances."""
    error, *products = np.moveaxis(sums, -1, 0)
    moments, counted = products[:5], products[5:]
    tables = 4 * _TABLES[kind]
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = [error / count, _correlation(moments, count)]
        for start in range(0, tables, 4):
            scores += _binary(counted[start : start + 4])
        scores += [hits / count for hits in counted[tables:]]
    return np.transpose(np.stack(scores), (2, 0, 1))


def _correlation(moments: list[Numbers], count: int) -> Numbers:
    """Return Pearson's r, NaN where a resample is constant."""
    first, second, product, first_square, second_square = (each / count for each in moments)
    variances = (first_square - first**2), (second_square - second**2)
    constant = (variances[0] < _NO_SPREAD) | (variances[1] < _NO_SPREAD)
    covariance = product - first * second
    found: Numbers = np.where(
        constant, np.nan, covariance / np.sqrt(np.abs(variances[0] * variances[1]))
    )
    return np.clip(found, -1.0, 1.0)


def _binary(table: list[Numbers]) -> list[Numbers]:
    """Return accuracy and weighted F1 of a [total, predicted, true, both] table."""
    total, predicted, true, both = table
    neither = total - predicted - true + both
    absent = total - predicted, total - true
    f1 = _f1(both, predicted + true) * true + _f1(neither, absent[0] + absent[1]) * absent[1]
    return [(both + neither) / total, f1 / total]


def _f1(both: Numbers, members: Numbers) -> Numbers:
    """Return 2 both / members; 0 for a class that is neither predicted nor true."""
    found: Numbers = np.where(members == 0, 0.0, 2 * both / members)
    return found
