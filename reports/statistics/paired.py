"""Two settings compared over the seeds that both have: difference, interval, test and effect."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.statistics.summaries import INTERVAL_SEEDS, Summary, summarise

LEAST_PAIRS = INTERVAL_SEEDS
"""Smallest number of pairs for an interval, a p value and an effect size."""
SIGN_CHANGES = 9_999
"""Most sign combinations in a test: all of them up to 13 pairs, this many drawn beyond."""
MOST_EXACT_PAIRS = int(math.log2(SIGN_CHANGES))
_EQUAL_SUMS = 9  # decimals of the largest difference: apart by less is rounding of the scores
_SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """The result of a paired test; its differences are ``other - baseline``.

    Attributes:
        difference: their mean, with its two-sided 95 % t interval from 3 pairs on.
        p: p value of ``sign_flip_p``; None below 3 pairs or if a difference is undefined.
        effect: effect size of ``effect_size``; None if it has no value.
        below: number of pairs in which ``other`` is smaller.
        equal: number of pairs in which both are equal.
    """

    difference: Summary
    p: float | None
    effect: float | None
    below: int
    equal: int


def paired_test(baseline: Mapping[int, float], other: Mapping[int, float]) -> PairedTest | None:
    """Return the paired test over the seeds that both have; None if there are none."""
    common = sorted(baseline.keys() & other.keys())
    differences = [other[seed] - baseline[seed] for seed in common]
    summary = summarise(differences)
    if summary is None:
        return None
    p = sign_flip_p(differences) if len(differences) >= LEAST_PAIRS else math.nan
    return PairedTest(
        difference=summary,
        p=None if math.isnan(p) else p,
        effect=effect_size(differences),
        below=sum(difference < 0 for difference in differences),
        equal=sum(difference == 0 for difference in differences),
    )


def sign_flip_p(differences: Sequence[float]) -> float:
    """Return the two-sided p value of the sign-flip (randomisation) test of the mean difference.

    Under the null hypothesis both signs of a difference are equally likely, so all 2^n sign
    combinations are as likely as the observed one. p is twice the share of combinations whose mean
    is at least as extreme as the observed mean on its side, at most 1. The observed combination
    counts, and so do equal means, also those that differ only by the rounding of the scores. A
    difference of zero stays in the sample: its sign changes nothing, so k non-zero differences
    give no p below 2 / 2^k. Beyond 13 pairs, 9,999 combinations are drawn with a fixed seed and p
    is (extreme + 1) / 10,000, doubled.

    Source: Fisher, The Design of Experiments, 1935, section 21; for the drawn combinations
    Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology 9 (1), 2010.

    Args:
        differences: difference of each pair, at least one; a NaN among them makes p NaN.

    Raises:
        ValueError: there is no difference.

    >>> sign_flip_p([0.1, 0.2, 0.3, 0.2, 0.1])
    0.0625
    """
    if not len(differences):
        raise ValueError("sign_flip_p: got no difference; expected one for each pair of seeds")
    sample = np.asarray(differences, dtype=np.float64)
    if not np.isfinite(sample).all():
        return math.nan
    largest = float(np.abs(sample).max())
    if len(sample) == 1 or largest == 0:
        return 1.0  # both signs of one difference, or all of zeros, are as extreme
    return _permutation_p(sample / largest)


def _permutation_p(sample: NDArray[np.float64]) -> float:
    """Return the two-sided p value of the mean of ``sample``, whose largest difference is 1."""
    from scipy.stats import permutation_test  # type: ignore[import-untyped]

    def mean(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        means: NDArray[np.float64] = np.round(values.mean(axis=axis), _EQUAL_SUMS)
        return means

    test = permutation_test(
        (sample,),
        mean,
        permutation_type="samples",
        n_resamples=SIGN_CHANGES,
        vectorized=True,
        rng=_SEED,
    )
    return float(test.pvalue)


def effect_size(differences: Sequence[float]) -> float | None:
    """Return the mean difference in standard deviations, corrected for few pairs.

    It is d_z = mean / deviation (n - 1) times Hedges' J = Γ(f / 2) / (√(f / 2) Γ((f - 1) / 2)),
    f = n - 1, without which few pairs overstate it. None below 3 pairs and where the differences
    have no spread or one is undefined.

    Source: Cohen, Statistical Power Analysis, 2nd ed. 1988, section 2.3.5 (d_z); Hedges, Journal
    of Educational Statistics 6 (2), 1981, equation 6e (J).
    """
    sample = np.asarray(differences, dtype=np.float64)
    if len(sample) < LEAST_PAIRS or not np.isfinite(sample).all():
        return None
    deviation = float(sample.std(ddof=1))
    if deviation <= 1e-12 * float(np.abs(sample).max()):
        return None
    half = (len(sample) - 1) / 2
    correction = math.exp(math.lgamma(half) - math.lgamma(half - 0.5)) / math.sqrt(half)
    return correction * float(sample.mean()) / deviation
