"""Scores over the utterances of a test set with bootstrap intervals."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.statistics.bootstrap import RESAMPLES, bca_interval, bootstrap_summary
from reports.statistics.classes import Kind, Numbers
from reports.statistics.resampled import SCORES, counts_of, scores_of, summands
from reports.statistics.summaries import Summary


def score_intervals(
    predictions: NDArray[np.floating[Any]],
    labels: NDArray[np.floating[Any]],
    *,
    kind: Kind = "mosi",
    resamples: int = RESAMPLES,
) -> list[Mapping[str, Summary]]:
    """Return the scores of systems on the same utterances with 95 % BCa bootstrap intervals.

    The same utterances are drawn for every system (``bca_interval``). A score has no interval
    where a resample leaves it undefined or none changes it. A system with a prediction that is
    not finite has no score: all are NaN.

    Args:
        predictions: [S, N] sentiment predicted by S systems.
        labels: [N] human sentiment, in the range for which the metrics are defined.
        kind: the kind of metrics, which names the scores (``SCORES``).
        resamples: number of resamples.

    Returns:
        The scores of each system by name; ``mean`` is the score, ``count`` is N.

    Raises:
        ValueError: the shapes do not fit or there is no utterance.
    """
    _check_shapes(predictions, labels)
    sums = summands(predictions.astype(np.float64), labels.astype(np.float64), kind=kind)
    utterances = np.arange(len(labels))

    def scores(chosen: NDArray[np.int64], axis: int = -1) -> Numbers:
        """Return the [S, scores, ...] values of [..., n] chosen utterances."""
        counts = counts_of(chosen.reshape(-1, chosen.shape[-1]), len(labels))
        found = scores_of(np.tensordot(counts, sums, axes=1), chosen.shape[-1], kind=kind)
        return found.reshape(*found.shape[:2], *chosen.shape[:-1])

    values = scores(utterances)
    nothing = np.full(values.shape, np.nan)  # one utterance has no resamples
    several = len(utterances) > 1
    low, high = (
        bca_interval(utterances, scores, resamples=resamples) if several else (nothing, nothing)
    )
    return [
        dict(zip(SCORES[kind], _summaries(score, least, high=most, count=len(labels)), strict=True))
        for score, least, most in zip(values, low, high, strict=True)
    ]


def _check_shapes(
    predictions: NDArray[np.floating[Any]], labels: NDArray[np.floating[Any]]
) -> None:
    if predictions.ndim != 2 or predictions.shape[1:] != labels.shape or not len(labels):
        raise ValueError(
            f"score_intervals: got predictions of shape {predictions.shape} and labels of shape "
            f"{labels.shape}; expected [S, N] and [N] with N above 0"
        )


def _summaries(values: Numbers, low: Numbers, *, high: Numbers, count: int) -> list[Summary]:
    """Return the scores of one system, in the order of ``SCORES``."""
    return [
        bootstrap_summary(float(value), count, low=float(least), high=float(most))
        for value, least, most in zip(values, low, high, strict=True)
    ]
