"""Correlation of labels with a modality's own sentiment, where the corpus knows it.

It is the sentiment that a synthetic corpus was made from, or the human label of the modality alone,
which CH-SIMS has; nothing is trained on it. A generator of unimodal labels starts from the human
label; it is useful where its labels correlate with the modality's own sentiment more than the human
label does.
"""

from collections.abc import Mapping

import numpy as np

from sugrm.data import Utterances
from sugrm.metrics.regression import pearson_correlation
from sugrm.training.records import Floats
from sugrm.types import MODALITY_OF, Task


def truth_correlations(labels: Mapping[str, Floats], utterances: Utterances) -> dict[str, float]:
    """Return Pearson's correlation of labels with the modality's own sentiment.

    An utterance counts where its stream is present and the modality's sentiment is known.

    Args:
        labels: letter of a unimodal task -> [N] labels.
        utterances: the split that the labels belong to.

    Returns:
        Task letter -> correlation; NaN where it is undefined. Empty where the corpus does not
        know the modalities' own sentiment.
    """
    found: dict[str, float] = {}
    for letter, values in labels.items():
        modality = MODALITY_OF[Task(letter)]
        truth = utterances.true_sentiment(modality)
        if truth is not None:
            here = utterances.present(modality) & ~np.isnan(truth)
            found[letter] = _correlation(values[here], truth[here])
    return found


def _correlation(values: Floats, truth: Floats) -> float:
    if not len(values) or not np.isfinite(values).all():
        return float("nan")
    return pearson_correlation(values.astype(np.float64), truth.astype(np.float64))
