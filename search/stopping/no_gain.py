"""Stopping a trial of the search that has learnt nothing: no gain over predicting the mean.

The mean is that of the training labels; its MAE on validation is what a model has to beat. The
judgement needs a trial's own epochs alone, so it is the same when a run is cut off and continued.
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
    from search.trials.factory import Catalogue, ResolvedTrial
    from sugrm import EpochRecord


class Hopeless:
    """Judge trials after each epoch.

    Args:
        search: of the space, whose ``hopeless_after`` says how many epochs a trial is given;
            without it none is judged.
        catalogue: knows where the corpora lie.

    Attributes:
        reasons: why a trial was judged hopeless, by its key.
    """

    def __init__(self, search: "SearchConfig | None", catalogue: "Catalogue") -> None:
        self._after = search.hopeless_after if search is not None else None
        self._catalogue = catalogue
        self.reasons: dict[str, str] = {}

    def judges(self, trial: "ResolvedTrial", records: "Sequence[EpochRecord]") -> bool:
        """Return whether a trial should stop after these epochs; ``reasons`` then has it."""
        if self._after is None or len(records) < self._after:
            return False
        maes = [record.valid["mae"] for record in records]
        best = min((mae for mae in maes if math.isfinite(mae)), default=math.inf)
        to_beat = mean_mae(Path(self._catalogue.task(trial).corpus))
        if best < to_beat:
            return False
        self.reasons[trial.key] = (
            f"{HOPELESS}: validation MAE {best:.4f} at best in {len(records)} epochs, no gain over "
            f"the mean of the training labels, {to_beat:.4f}"
        )
        return True


@cache
def mean_mae(folder: Path) -> float:
    """Return the validation MAE of predicting the mean training label of a corpus."""
    splits = Corpus.open(folder).splits
    labels = splits[Split.VALID].labels
    mean = splits[Split.TRAIN].labels.astype(np.float64).mean()
    return score(np.full(len(labels), mean), labels)["mae"]
