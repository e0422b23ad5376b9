"""Early stopping on a validation metric."""

import math
from dataclasses import dataclass, replace

from sugrm.metrics import METRIC_MODES

_LEAST_GAIN = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopper:
    """The best epoch so far, for early stopping.

    Attributes:
        monitor: the metric to watch, ``valid/<metric>``.
        patience: number of epochs without improvement after which training ends, at least 1.
        best_epoch: number of the best epoch; 0 before the first epoch.
        best_value: value of the metric at the best epoch; NaN before the first epoch.
    """

    monitor: str
    patience: int
    best_epoch: int = 0
    best_value: float = math.nan

    @property
    def metric(self) -> str:
        """The metric's name without its split."""
        return self.monitor.removeprefix("valid/")

    def after(self, epoch: int, value: float) -> "Stopper":
        """Return the stopper after an epoch; NaN is an improvement in the first epoch only."""
        if self.best_epoch and not self._gains(value):
            return self
        return replace(self, best_epoch=epoch, best_value=value)

    def _gains(self, value: float) -> bool:
        if math.isnan(self.best_value):
            return not math.isnan(value)
        if METRIC_MODES[self.metric] == "min":
            return value <= self.best_value - _LEAST_GAIN
        return value >= self.best_value + _LEAST_GAIN

    def exhausted(self, epoch: int) -> bool:
        """Return whether ``patience`` epochs have passed since the best one."""
        return epoch - self.best_epoch >= self.patience
