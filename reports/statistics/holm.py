"""Correction of the tests of one table for their number."""

from collections.abc import Sequence


def holm_adjusted(p_values: Sequence[float | None]) -> list[float | None]:
    """Return the p values adjusted by Holm's step-down method, in the order given.

    The i-th smallest of m becomes the largest of (m - j + 1) p_j over j up to i, 1 at most; to
    reject what is at most alpha then keeps the chance of any false rejection at or below alpha,
    however the tests depend on each other. None, a test that was not done, stays and does not
    count.

    Source: Holm, Scandinavian Journal of Statistics 6 (2), 1979.

    >>> holm_adjusted([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    order = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        adjusted[place] = largest
    return adjusted
