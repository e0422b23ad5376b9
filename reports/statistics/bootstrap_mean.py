"""The mean of many values, such as differences by utterance, with a bootstrap interval."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.statistics.bootstrap import bca_interval, bootstrap_summary
from reports.statistics.summaries import Summary


def bootstrap_mean(values: NDArray[np.floating[Any]]) -> Summary:
    """Return the mean of [N] values with its two-sided 95 % BCa interval.

    See ``bca_interval``; there is none where no resample changes the mean.

    Raises:
        ValueError: there is no value.
    """
    if values.ndim != 1 or not len(values):
        raise ValueError(f"bootstrap_mean: got shape {values.shape}; expected [N] with N above 0")
    sample = values.astype(np.float64)
    mean = float(sample.mean())
    if len(sample) < 2:
        return Summary(mean, len(sample))
    low, high = (float(end) for end in bca_interval(sample, np.mean))
    return bootstrap_summary(mean, len(sample), low=low, high=high)
