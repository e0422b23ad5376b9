"""Which checkpoints a run keeps: the last of each running trial, the model of the best few.

``last.pt`` of a running trial holds its last and its best epoch; ``best.pt`` is the model that a
finished trial hands over. Both are removed only after the trial's row stands in the ledger.
"""

import math
from collections.abc import Mapping
from typing import Any

from reports import schema
from reports.storage import Place, remove_tree
from sugrm.training.checkpoint import BEST_FILE_NAME, FILE_NAME


class Checkpoints:
    """The ``checkpoints`` folder of a run.

    Args:
        folder: of the run's checkpoints, one folder a trial.
        keep: how many finished trials keep their model.
        metric: validation metric that ranks them.
        mode: ``min`` or ``max``.
    """

    def __init__(self, folder: Place, *, keep: int, metric: str, mode: str) -> None:
        self._folder, self._keep = folder, keep
        self._column = f"valid_{metric}"
        self._sign = -1.0 if mode == "max" else 1.0
        self._kept: dict[str, float] = {}

    def sweep(self, trials: Mapping[str, Mapping[str, Any]]) -> None:
        """Do what a kill left undone: only trials that have no row keep what they resume from."""
        held = {each.name for each in self._folder.iterdir()} if self._folder.is_dir() else set()
        for key in sorted(held & set(trials)):
            self.ended(key, trials[key])

    def ended(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep the model of a trial that stands in the ledger if it is among the best."""
        value = row[self._column]
        if (
            row["status"] != schema.FINISHED
            or value is None
            or not math.isfinite(value)
            or not (self._folder / key / BEST_FILE_NAME).is_file()
        ):
            self._remove(key)
            return
        self._kept[key] = self._sign * value
        (self._folder / key / FILE_NAME).unlink(missing_ok=True)
        while len(self._kept) > self._keep:
            worst = max(self._kept, key=lambda each: (self._kept[each], each))
            del self._kept[worst]
            self._remove(worst)

    def _remove(self, key: str) -> None:
        remove_tree(self._folder / key)
