"""Which training utterances a trial keeps its predictions for."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAMPLE = 64
"""Most training utterances whose predictions are kept (``TrainingRun.predict_sample``)."""

TABLE_5 = ("Clx4VXItLTE_25", "VbQk4H8hgr0_3", "0h-zjBukYpk_17", "5W7Z1C_fDaE_14")
"""The utterances of the paper's Table 5, all of MOSI's training split: video, clip."""
_ID = re.compile(r"(?P<video>.+)(?:\$_\$|_|\[)(?P<clip>\d+)\]?")


def sampled_rows(ids: Sequence[str], labels: NDArray[np.float32]) -> list[int]:
    """Return at most ``SAMPLE`` rows of a training split, ascending.

    The utterances of the paper's Table 5 are among them where the split has them; the others lie
    evenly over the human label.

    >>> sampled_rows(["a$_$1", "VbQk4H8hgr0$_$3"], np.float32([0.5, -0.8]))
    [0, 1]
    """
    places = {_plain(name): place for place, name in enumerate(ids)}
    wanted = {places[name] for name in TABLE_5 if name in places}
    return sorted(wanted | set(spread_over_labels(labels, SAMPLE - len(wanted))))


def spread_over_labels(labels: NDArray[np.float32], count: int = SAMPLE) -> list[int]:
    """Return at most ``count`` rows that are spaced evenly among all rows sorted by label.

    The lowest and the highest label are included; of equal labels the earlier row comes first. The
    result is ascending.

    >>> spread_over_labels(np.float32([3, -3, 0, 1, -1]), 3)
    [0, 1, 2]
    """
    order = np.argsort(labels, kind="stable")
    places = np.linspace(0, len(labels) - 1, min(count, len(labels))).round().astype(np.int64)
    return sorted(order[places].tolist())


def _plain(name: str) -> str:
    """Return ``video_clip`` for the forms that distributions have: ``$_$``, ``_``, ``[clip]``."""
    match = _ID.fullmatch(name)
    return f"{match['video']}_{match['clip']}" if match else name
