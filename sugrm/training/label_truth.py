"""Correlation of labels with a modality's true sentiment, which only a synthetic corpus knows.

A generator of unimodal labels starts from the human label; it is useful where its labels
correlate with the modality's own sentiment more than the human label does.
"""

from collections.abc import Mapping

import numpy as np

from sugrm.data import Utterances
from sugrm.metrics.regression import pearson_correlation
from sugrm.training.records import Floats
from sugrm.types import MODALITY_OF, Task


def truth_correlations(labels: Mapping[str, Floats], utterances: Utterances) -> dict[str, float]:
    """Return Pearson's correlation of labels with the true sentiment, over present streams.

    Args:
        labels: letter of a unimodal task -> [N] labels.
        utterances: the split that the labels belong to.

    Returns:
        Task letter -> correlation; NaN where it is undefined. Empty where the corpus does not
        know the truth.
    """
    found: dict[str, float] = {}
    for letter, values in labels.items():
        modality = MODALITY_OF[Task(letter)]
        truth = utterances.true_sentiment(modality)
        if truth is not None:
            here = utterances.present(modality)
            found[letter] = _correlation(values[here], truth[here])
    return found


def _correlation(values: Floats, truth: Floats) -> float:
    if not len(values) or not np.isfinite(values).all():
        return float("nan")
    return pearson_correlation(values.astype(np.float64), truth.astype(np.float64))
