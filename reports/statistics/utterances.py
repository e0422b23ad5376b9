"""Scores over the utterances of a test set with bootstrap intervals."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.statistics.mcnemar import Flags
from reports.statistics.resampled import SCORES, Numbers, counts_of, scores_of, summands
from reports.statistics.summaries import CONFIDENCE, Summary

BOTH_WAYS: tuple[str, ...] = ("negative_nonnegative", "negative_positive")
RESAMPLES = 9_999
_SEED = 1
_BATCH = 500  # resamples held at once: 20 MB of counts for the 4,659 utterances of MOSEI


def score_intervals(
    predictions: NDArray[np.floating[Any]],
    labels: NDArray[np.floating[Any]],
    *,
    resamples: int = RESAMPLES,
) -> list[Mapping[str, Summary]]:
    """Score systems on the same utterances with two-sided 95 % BCa bootstrap intervals.

    Utterances are drawn with replacement, with a fixed seed and the same ones for every system;
    the intervals are bias-corrected and accelerated (``scipy.stats.bootstrap``). A score has no
    interval where a resample leaves it undefined or none changes it. A system with a prediction
    that is not finite has no score: all are NaN.

    Source: Efron, Journal of the American Statistical Association 82 (397), 1987.

    Args:
        predictions: [S, N] sentiment as predicted by S systems.
        labels: [N] human sentiment in [-3, 3].
        resamples: how many to draw.

    Returns:
        For each system the scores by name; ``mean`` is the score, ``count`` is N.

    Raises:
        ValueError: the shapes do not fit or there is no utterance.
    """
    if predictions.ndim != 2 or predictions.shape[1:] != labels.shape or not len(labels):
        raise ValueError(
            f"score_intervals: got predictions of shape {predictions.shape} and labels of shape "
            f"{labels.shape}; expected [S, N] and [N] with N above 0"
        )
    sums = summands(predictions.astype(np.float64), labels.astype(np.float64))
    utterances = np.arange(len(labels))

    def scores(chosen: NDArray[np.int64], axis: int = -1) -> Numbers:
        """Return the [S, 6, ...] scores of [..., n] chosen utterances."""
        counts = counts_of(chosen.reshape(-1, chosen.shape[-1]), len(labels))
        found = scores_of(np.tensordot(counts, sums, axes=1), chosen.shape[-1])
        return found.reshape(*found.shape[:2], *chosen.shape[:-1])

    values = scores(utterances)
    low, high = _bca(utterances, scores, resamples)
    return [
        {
            name: Summary(float(values[place]), len(labels), None, *_ends(low[place], high[place]))
            for place, name in enumerate(SCORES)
        }
        for values, low, high in zip(values, low, high, strict=True)
    ]


def correct(
    predictions: NDArray[np.floating[Any]], labels: NDArray[np.floating[Any]], way: str
) -> Flags:
    """Return which utterances a system has right in binary accuracy.

    Args:
        predictions: [N] sentiment as predicted.
        labels: [N] human sentiment.
        way: ``negative_nonnegative``, or ``negative_positive``, which leaves out labels of 0.

    Raises:
        ValueError: ``way`` is another.
    """
    if way not in BOTH_WAYS:
        raise ValueError(f"correct: got way {way!r}; expected one of {', '.join(BOTH_WAYS)}")
    nonnegative: Flags = (predictions >= 0) == (labels >= 0)
    positive: Flags = (predictions > 0) == (labels > 0)
    return nonnegative if way == "negative_nonnegative" else positive[labels != 0]


def _bca(
    utterances: NDArray[np.int64], scores: Callable[..., Numbers], resamples: int
) -> tuple[Numbers, Numbers]:
    """Return the ends of the [S, 6] intervals, NaN where there is none."""
    if len(utterances) < 2:
        nothing = np.full(scores(utterances).shape, np.nan)
        return nothing, nothing
    from scipy.stats import bootstrap  # type: ignore[import-untyped]

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of degenerate scores, which come out as NaN
        found = bootstrap(
            (utterances,),
            scores,
            n_resamples=resamples,
            batch=_BATCH,
            vectorized=True,
            confidence_level=CONFIDENCE,
            method="BCa",
            rng=_SEED,
        )
    return found.confidence_interval.low, found.confidence_interval.high


def _ends(low: float, high: float) -> tuple[float | None, float | None]:
    defined = bool(np.isfinite(low) and np.isfinite(high))
    return (float(low), float(high)) if defined else (None, None)
