"""Two settings compared over seeds that do not pair them."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from reports.statistics.summaries import CONFIDENCE, Summary

_ROUNDING = 1e-12
"""Share of the difference below which a spread is none."""


@dataclass(frozen=True, slots=True)
class WelchTest:
    """What two samples come to.

    Attributes:
        difference: of the means, ``other - baseline``, with its two-sided 95 % interval.
        p: two-sided; None where neither sample has any spread or a value is undefined.
    """

    difference: Summary
    p: float | None


def welch_test(baseline: Sequence[float], other: Sequence[float]) -> WelchTest | None:
    """Compare the means of two samples of unequal variance; None below two values in either.

    Source: Welch, Biometrika 34 (1-2), 1947; ``scipy.stats.ttest_ind`` without equal variances.
    """
    if min(len(baseline), len(other)) < 2:
        return None
    from scipy.stats import ttest_ind  # type: ignore[import-untyped]

    mean = math.fsum(other) / len(other) - math.fsum(baseline) / len(baseline)
    spread = max(max(sample) - min(sample) for sample in (baseline, other))
    if not math.isfinite(mean) or spread <= _ROUNDING * abs(
        mean
    ):  # nothing to judge the difference by
        return WelchTest(Summary(mean), None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one sample without spread, which the test allows
        found = ttest_ind(other, baseline, equal_var=False)
    ends = found.confidence_interval(CONFIDENCE)
    return WelchTest(
        Summary(mean, None, None, float(ends.low), float(ends.high)), float(found.pvalue)
    )
