"""Which training utterances a trial keeps its predictions for."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sugrm.training.evaluation import SAMPLE, spread_over_labels

TABLE_5 = ("Clx4VXItLTE_25", "VbQk4H8hgr0_3", "0h-zjBukYpk_17", "5W7Z1C_fDaE_14")
"""The utterances of the paper's Table 5, all of MOSI's training split: video, clip."""
_ID = re.compile(r"(?P<video>.+)(?:\$_\$|_|\[)(?P<clip>\d+)\]?")


def kept_rows(ids: Sequence[str], labels: NDArray[np.float32]) -> list[int]:
    """Return at most ``SAMPLE`` rows of a training split, ascending.

    The utterances of the paper's Table 5 are among them where the split has them; the others lie
    evenly over the human label.

    >>> kept_rows(["a$_$1", "VbQk4H8hgr0$_$3"], np.float32([0.5, -0.8]))
    [0, 1]
    """
    places = {_plain(name): place for place, name in enumerate(ids)}
    wanted = {places[name] for name in TABLE_5 if name in places}
    return sorted(wanted | set(spread_over_labels(labels, SAMPLE - len(wanted))))


def _plain(name: str) -> str:
    """Return ``video_clip`` for the forms that distributions have: ``$_$``, ``_``, ``[clip]``."""
    match = _ID.fullmatch(name)
    return f"{match['video']}_{match['clip']}" if match else name
