"""The limits of an objective's axis, so that a diverged trial does not flatten all others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_FAR = 10.0
_ROOM = 0.07  # of the range, at both ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an axis; both are None if it shows every value.

    Attributes:
        low: lower limit.
        high: upper limit.
        beyond: number of values that are not shown.
        values: number of all values.
        worst: the worst value that is not shown.
    """

    low: float | None = None
    high: float | None = None
    beyond: int = 0
    values: int = 0
    worst: float = math.nan

    def note(self, what: str) -> tuple[str, ...]:
        """Return a note on values not shown; ``what`` names them; none if all are shown."""
        if not self.beyond:
            return ()
        return (
            f"{self.beyond} of {self.values} {what} lie beyond the axis, the furthest at "
            f"{self.worst:.4g}. The axis shows values up to {_FAR:.0f} times as far from the "
            "median as the best.",
        )

    def shows(self, value: float) -> bool:
        """Return whether ``value`` lies on the axis."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def limits(values: Sequence[float], mode: str) -> Limits:
    """Return the limits of an axis for ``values``; ``mode`` (min or max) is the better direction.

    Only the worse side is cut, so the best value is always shown.

    >>> limits([1.0, 2.0, 3.0, 4.0, 1e6], "min").beyond
    1
    """
    sign = 1.0 if mode == "min" else -1.0
    losses = sorted(sign * value for value in values if math.isfinite(value))
    if not losses:
        return Limits()
    middle = median(losses)
    shown = [loss for loss in losses if loss <= middle + _FAR * (middle - losses[0])]
    if middle == losses[0] or len(shown) == len(losses):
        return Limits()
    room = _ROOM * (shown[-1] - losses[0])
    low, high = sorted((sign * (losses[0] - room), sign * (shown[-1] + room)))
    return Limits(
        low=low,
        high=high,
        beyond=len(losses) - len(shown),
        values=len(losses),
        worst=sign * losses[-1],
    )
