"""Which points to draw if there are too many."""

import numpy as np

POINTS = 700
"""Most points of one kind in a figure: more are one cloud, and slow on a page."""


def thinned(count: int, most: int = POINTS) -> list[int]:
    """Return the indices of the points to draw: all ``count``, or ``most`` evenly spaced ones.

    >>> thinned(5, most=3)
    [0, 2, 4]
    """
    if count <= most:
        return list(range(count))
    return [int(place) for place in np.linspace(0, count - 1, most).round()]
