"""The number of pairs of seeds that a comparison needs."""

import math

ALPHA = 0.05
POWER = 0.8
_ROUNDING = 1e-12
"""Share of the difference below which a deviation is only the rounding of equal values."""


def smallest_p(pairs: int) -> float:
    """Return the smallest two-sided p of the exact sign-flip test of ``pairs`` differences.

    >>> smallest_p(5)
    0.0625
    """
    return min(1.0, 2.0 / 2.0**pairs)


def smallest_pairs(comparisons: int = 1, alpha: float = ALPHA) -> int:
    """Return the fewest pairs whose sign-flip test can reach ``alpha``.

    Among ``comparisons`` tests corrected by Holm's method the smallest p has to reach
    ``alpha / comparisons``.

    >>> smallest_pairs(), smallest_pairs(30)
    (6, 11)
    """
    pairs = 1
    while smallest_p(pairs) * comparisons > alpha:
        pairs += 1
    return pairs


def pairs_needed(
    difference: float, deviation: float, *, power: float = POWER, alpha: float = ALPHA
) -> int | None:
    """Return the number of pairs with which a paired t test detects a true ``difference``.

    That is the smallest n of 2 or more at which the two-sided test at ``alpha`` has ``power``,
    by the noncentral t distribution with n - 1 degrees of freedom and noncentrality √n difference
    / deviation, the standard deviation of paired differences.

    Source: Cohen, Statistical Power Analysis, 2nd ed. 1988, section 2.3.5.

    Returns:
        None if the difference or the deviation is 0 or undefined: then there is no such number.

    >>> pairs_needed(0.5, 1.0)
    34
    """
    known = deviation > _ROUNDING * abs(difference)
    effect = abs(difference) / deviation if known else math.nan
    if not math.isfinite(effect) or effect == 0:
        return None
    enough = 2
    while paired_power(effect, enough, alpha=alpha) < power:
        enough *= 2
    short = enough // 2  # too few pairs, or 1, which is no pair for a test
    while enough - short > 1:
        middle = (short + enough) // 2
        if paired_power(effect, middle, alpha=alpha) < power:
            short = middle
        else:
            enough = middle
    return enough


def paired_power(effect: float, pairs: int, *, alpha: float = ALPHA) -> float:
    """Return the power of the two-sided paired t test of 2 pairs or more.

    Args:
        effect: true mean difference in standard deviations of the differences.
        pairs: number of pairs, at least 2.
        alpha: significance level of the test, between 0 and 1.
    """
    from scipy.stats import nct, t  # type: ignore[import-untyped]

    freedom, shift = pairs - 1, abs(effect) * math.sqrt(pairs)
    limit = t.ppf(1 - alpha / 2, freedom)
    above = float(nct.sf(limit, freedom, shift))
    below = float(nct.cdf(-limit, freedom, shift))
    return above if math.isnan(below) else above + below  # scipy has no number for the tiniest
