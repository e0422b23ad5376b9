"""The labels of aligned features as an objective uses them."""

from typing import Literal

from torch import Tensor

from sugrm.labels.aligned_step import AlignedRule, with_labels
from sugrm.labels.banked import BankedLabels
from sugrm.labels.banked_state import BankedState
from sugrm.labels.limits import LabelLimits
from sugrm.types import LABEL_BOUND, ModelOutput


class AlignedLabels(BankedLabels):
    """Labels from features that a map puts into one space (`sugrm.labels.common_space`).

    A batch moves the labels by the banks of the batches before, then enters the banks.

    Args:
        map: ``ridge``, ``centre`` or ``none``, see `AlignedRule`.
        ridge: the penalty of the ridge regression, above 0.
        magnitude: ``axis`` or ``distance``, see `AlignedRule`.
        clamp: shifted labels are clamped to +-``clamp`` before the momentum; None does not clamp.
        first_epoch: see `BankedLabels`.
        label_bound: b, the largest absolute human label.
    """

    def __init__(
        self,
        *,
        map: Literal["ridge", "centre", "none"],
        ridge: float,
        magnitude: Literal["axis", "distance"],
        clamp: float | None,
        first_epoch: int,
        label_bound: float = LABEL_BOUND,
    ) -> None:
        super().__init__(first_epoch=first_epoch)
        limits = LabelLimits(bound=label_bound, clamp=clamp)
        self._rule = AlignedRule(map=map, ridge=ridge, magnitude=magnitude, limits=limits)

    def moved(
        self, state: BankedState, output: ModelOutput, *, index: Tensor, epoch: int
    ) -> BankedState:
        """Return the state after the labels of a batch have moved; see `BankedLabels`."""
        return with_labels(state, output, index=index, epoch=epoch, rule=self._rule)
