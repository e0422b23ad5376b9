"""How many epochs asynchronous halving lets a search run, where its trials come in any order.

At a rung a new value passes if it is not below the best 1/reduction of those seen there before
it (``search.tune.early_stopping``). With m values before it, every order equally likely, that is
a chance of ((m - 1) / reduction + 1) / (m + 1); the first value always passes.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.space.sections import SchedulerConfig


def expected_epochs(scheduler: "SchedulerConfig", trials: int, max_epochs: int) -> float:
    """Return the expected epochs of all ``trials`` together.

    A scheduler without a known expectation counts as none: every trial runs to its end.
    """
    if scheduler.name != "asha" or not trials:
        return float(trials * max_epochs)
    rung, reached, last, total = scheduler.min_epochs, float(trials), 0, 0.0
    while rung < max_epochs:
        total += reached * (rung - last)
        reached, last = _passing(reached, scheduler.reduction), rung
        rung *= scheduler.reduction
    return total + reached * (max_epochs - last)


def _passing(values: float, reduction: int) -> float:
    """Return how many of so many values at a rung are expected to pass."""
    if values <= 1:
        return values
    return 1 + sum(
        ((before - 1) / reduction + 1) / (before + 1) for before in range(1, round(values))
    )
