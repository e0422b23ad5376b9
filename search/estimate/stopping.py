"""How many epochs asynchronous halving lets a search run, where its trials come in any order.

Orders are drawn and played: a trial that is better at the end is taken to be better at every rung.
At a rung a value passes if it lies in the best 1/reduction of those seen there before it
(``search.tune.early_stopping``); the first one always does.
"""

import bisect
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.space.sections import SchedulerConfig

_ORDERS = 50


def expected_epochs(scheduler: "SchedulerConfig", trials: int, max_epochs: int) -> float:
    """Return the expected epochs of all ``trials`` together.

    A scheduler of which no expectation is known counts as none: every trial runs to its end.
    """
    if scheduler.name != "asha" or not trials:
        return float(trials * max_epochs)
    rungs = [scheduler.min_epochs]
    while rungs[-1] * scheduler.reduction < max_epochs:
        rungs.append(rungs[-1] * scheduler.reduction)
    rungs = [rung for rung in rungs if rung < max_epochs]
    generator = random.Random(0)
    total = 0
    for _ in range(_ORDERS):
        order = generator.sample(range(trials), trials)
        total += _play(order, rungs, scheduler.reduction, max_epochs)
    return total / _ORDERS


def _play(order: list[int], rungs: list[int], reduction: int, max_epochs: int) -> int:
    """Return the epochs of trials that come one after the other; a smaller value is better."""
    seen: list[list[int]] = [[] for _ in rungs]
    total = 0
    for value in order:
        reached = max_epochs
        for rung, values in zip(rungs, seen, strict=True):
            passes = not values or value <= _quantile(values, reduction)
            bisect.insort(values, value)
            if not passes:
                reached = rung
                break
        total += reached
    return total


def _quantile(values: list[int], reduction: int) -> float:
    """Return the 1/reduction quantile of sorted values, interpolated as Ray's."""
    place, rest = divmod(len(values) - 1, reduction)
    if not rest:
        return values[place]
    return values[place] + (values[place + 1] - values[place]) * rest / reduction
