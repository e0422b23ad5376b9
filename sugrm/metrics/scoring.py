"""Scores of sentiment regression, by the metrics of a dataset.

Accuracies and F1 are fractions in [0, 1].
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sugrm.metrics.regression import mosi_scores, regression_scores
from sugrm.metrics.sims import sims_scores

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
    "acc2_sims": "max",
    "f1_sims": "max",
    "acc3_sims": "max",
    "acc5_sims": "max",
}
"""Metric of any dataset -> whether a lower (``min``) or a higher value is better.

``loss`` comes from the objective, the others from `score`.
"""

_SCORES: Mapping[str, Callable[..., dict[str, float]]] = {
    "mosi": mosi_scores,
    "sims": sims_scores,
    "regression": regression_scores,
}

METRIC_NAMES: Mapping[str, tuple[str, ...]] = {
    name: ("loss", *scores(np.zeros(1), np.zeros(1))) for name, scores in _SCORES.items()
}
"""``DatasetDescription.metrics`` -> the metrics that a trial on such a dataset has."""


def score(
    predictions: NDArray[np.floating], labels: NDArray[np.floating], *, metrics: str = "mosi"
) -> dict[str, float]:
    """Return the metrics of predicted sentiment against human labels.

    Args:
        predictions: [N] predicted sentiment, of any range.
        labels: [N] human sentiment, in the range for which the metrics are defined.
        metrics: ``metrics`` of the dataset's description, a key of `METRIC_NAMES`.

    Returns:
        Every metric of these but ``loss``. A metric without a value is NaN: the correlation where
        predictions or labels are constant, the negative/positive pair where every label is 0, and
        all of them where a prediction is not finite, since a model that has diverged must not rank
        among those that have not.

    Raises:
        ValueError: if the arrays are empty or not two vectors of one length, or the metrics are
            unknown.

    Example:
        >>> round(score(np.array([1.0, -2.0]), np.array([2.0, -1.5]))["mae"], 6)
        0.75
        >>> list(score(np.array([0.5]), np.array([1.0]), metrics="sims"))
        ['mae', 'corr', 'acc2_sims', 'f1_sims', 'acc3_sims', 'acc5_sims']
    """
    if metrics not in _SCORES:
        raise ValueError(f"score: metrics {metrics!r}; expected one of {', '.join(_SCORES)}")
    if predictions.ndim != 1 or predictions.shape != labels.shape or not len(labels):
        raise ValueError(
            f"score: predictions of shape {predictions.shape} and labels of shape {labels.shape};"
            " expected two vectors of one length above 0; flatten them or score a larger split"
        )
    if not np.isfinite(predictions).all():
        return {name: float("nan") for name in METRIC_NAMES[metrics] if name != "loss"}
    return _SCORES[metrics](predictions, labels)
