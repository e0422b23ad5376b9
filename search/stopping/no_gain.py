"""Stopping a trial of the search that has learnt nothing: no gain over predicting the mean.

The mean is that of the training labels; a model has to beat its MAE on validation. The decision
needs the trial's own epochs only, so a run that was cut off and continued decides the same.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reports.ledger.schema import HOPELESS
from sugrm import Corpus
from sugrm.metrics import score
from sugrm.types import Split

if TYPE_CHECKING:
    from search.space.sections import SearchConfig
    from search.trials.factory import ResolvedTrial, TrialFactory
    from sugrm import EpochRecord


class NoGain:
    """Find trials that are no better than predicting the mean.

    Args:
        search: the space's search section; its ``hopeless_after`` is the number of epochs that a
            trial has to gain over the mean. None, or a section without it, stops no trial.
        factory: gives the corpus that a trial reads.
    """

    def __init__(self, search: "SearchConfig | None", factory: "TrialFactory") -> None:
        self._after = search.hopeless_after if search is not None else None
        self._factory = factory

    def reason(self, trial: "ResolvedTrial", records: "Sequence[EpochRecord]") -> str | None:
        """Return why a trial should stop after these epochs, None if it should go on."""
        if self._after is None or len(records) < self._after:
            return None
        maes = [record.valid["mae"] for record in records]
        best = min((mae for mae in maes if math.isfinite(mae)), default=math.inf)
        to_beat = mean_mae(self._factory.corpus(trial))
        if best < to_beat:
            return None
        return (
            f"{HOPELESS}: validation MAE {best:.4f} at best in {len(records)} epochs, no gain over "
            f"the mean of the training labels, {to_beat:.4f}"
        )


@cache
def mean_mae(folder: Path) -> float:
    """Return the validation MAE of predicting the mean training label of a corpus."""
    splits = Corpus.open(folder).splits
    labels = splits[Split.VALID].labels
    mean = splits[Split.TRAIN].labels.astype(np.float64).mean()
    return score(np.full(len(labels), mean), labels)["mae"]
