"""Numbers as an axis can show them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def finite(values: Sequence[float]) -> Numbers:
    """Return ``values`` with NaN instead of infinity, which an axis cannot show."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)
