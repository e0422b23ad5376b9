"""Self-MM's label generation as an objective uses it."""

from torch import Tensor

from sugrm.labels.banked import BankedLabels
from sugrm.labels.banked_state import BankedState
from sugrm.labels.self_mm_step import with_labels
from sugrm.types import ModelOutput


class SelfMmLabels(BankedLabels):
    """Self-MM's label generation (Yu et al. 2021) over a whole training run.

    A batch follows the released order: labels, by the centres of the batch before, then the banks.

    Args:
        bound: H, the largest absolute value of a shifted label before the momentum, above 0.
        exclude_zero: True counts label 0 to neither centre, False to the positive one.
        first_epoch: see `BankedLabels`.
    """

    def __init__(self, *, bound: float, exclude_zero: bool, first_epoch: int) -> None:
        super().__init__(first_epoch=first_epoch)
        self._bound = bound
        self._exclude_zero = exclude_zero

    def moved(
        self, state: BankedState, output: ModelOutput, *, index: Tensor, epoch: int
    ) -> BankedState:
        """Return the state after the labels of a batch have moved; see `BankedLabels`."""
        return with_labels(
            state,
            output,
            index=index,
            epoch=epoch,
            bound=self._bound,
            exclude_zero=self._exclude_zero,
        )
