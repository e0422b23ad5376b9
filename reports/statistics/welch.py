"""Two settings compared over unpaired seeds."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from reports.statistics.summaries import CONFIDENCE, INTERVAL_SEEDS, Summary

_ROUNDING = 1e-12
"""Share of the difference below which a spread is none."""


@dataclass(frozen=True, slots=True)
class WelchTest:
    """The result of Welch's test of two samples.

    Attributes:
        difference: difference of the means, ``other - baseline``, with its two-sided 95 % interval.
        p: two-sided p value; None without an interval: a sample has fewer than three values,
            neither has any spread, or a value is undefined.
    """

    difference: Summary
    p: float | None


def welch_test(baseline: Sequence[float], other: Sequence[float]) -> WelchTest | None:
    """Return the test of two means with unequal variances; None if a sample has no value.

    Source: Welch, Biometrika 34 (1-2), 1947; ``scipy.stats.ttest_ind`` without equal variances.
    """
    fewest = min(len(baseline), len(other))
    if not fewest:
        return None
    mean = math.fsum(other) / len(other) - math.fsum(baseline) / len(baseline)
    spread = max(max(sample) - min(sample) for sample in (baseline, other))
    has_spread = math.isfinite(mean) and spread > _ROUNDING * abs(mean)
    if fewest < INTERVAL_SEEDS or not has_spread:  # the difference cannot be judged
        return WelchTest(Summary(mean), None)
    from scipy.stats import ttest_ind  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one sample without spread, which the test allows
        found = ttest_ind(other, baseline, equal_var=False)
    ends = found.confidence_interval(CONFIDENCE)
    return WelchTest(
        Summary(mean, low=float(ends.low), high=float(ends.high)),
        float(found.pvalue),
    )
