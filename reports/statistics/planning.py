"""The number of pairs of seeds that a comparison needs."""

import math
from functools import lru_cache

from reports.statistics.paired import MOST_EXACT_PAIRS, sign_flip_p

ALPHA = 0.05
ONE_TEST_PAIRS = 6
"""Fewest pairs whose sign-flip test can reach ``ALPHA`` if it is the only one: 2 / 2^6 = .03."""
POWER = 0.8
_ROUNDING = 1e-12
"""Share of the difference below which a deviation is only the rounding of equal values."""


@lru_cache(maxsize=64)  # a test with drawn combinations takes milliseconds
def smallest_p(pairs: int) -> float:
    """Return the smallest two-sided p of the sign-flip test of ``pairs`` differences.

    Up to 13 pairs that is 2 / 2^pairs. Beyond, ``sign_flip_p`` draws its sign combinations, and
    the smallest p is that of differences of one sign: about 2 / (number drawn + 1).

    >>> smallest_p(5), smallest_p(20)
    (0.0625, 0.0002)
    """
    if pairs <= MOST_EXACT_PAIRS:
        return min(1.0, 2.0 / 2.0**pairs)
    return sign_flip_p([1.0] * pairs)


def smallest_pairs(comparisons: int = 1, alpha: float = ALPHA) -> int | None:
    """Return from how many pairs on the sign-flip test can give p < ``alpha``; None if never.

    Among ``comparisons`` tests corrected by Holm's method the smallest p has to be below
    ``alpha / comparisons``. 250 tests or more cannot at .05, because 9,999 sign combinations are
    drawn. At 14 pairs, the first with drawn ones, the smallest p is larger than at 13.

    >>> smallest_pairs(), smallest_pairs(30), smallest_pairs(150), smallest_pairs(250)
    (6, 11, 15, None)
    """
    last = MOST_EXACT_PAIRS + 2  # beyond it the smallest p stays as it is
    too_few = [n for n in range(1, last + 1) if smallest_p(n) * comparisons >= alpha]
    return None if too_few[-1] == last else too_few[-1] + 1


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
