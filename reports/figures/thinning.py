"""Drawing less than everything: which points stand for too many."""

import numpy as np

POINTS = 700
"""A figure draws at most so many points of one kind: more are one cloud, and slow on a page."""


def thinned(count: int, most: int = POINTS) -> list[int]:
    """Return which of ``count`` points are drawn: all, or ``most`` that are evenly spaced.

    >>> thinned(5, most=3)
    [0, 2, 4]
    """
    if count <= most:
        return list(range(count))
    return [int(place) for place in np.linspace(0, count - 1, most).round()]
