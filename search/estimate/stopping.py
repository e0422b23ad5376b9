"""How many epochs a search is expected to run with its scheduler.

The scheduler's own rule is simulated on random orders of the trials, one trial after the other. A
trial that is better at the end is assumed to be better at every epoch.
"""

import random
from typing import TYPE_CHECKING

from search.stopping.early_stopping import EarlyStopping

if TYPE_CHECKING:
    from search.space.sections import SearchConfig

_ORDERS = 50
_MOST_EPOCHS = 100_000
"""Epochs that are simulated in all: for a large search one order is as exact as many."""


def expected_epochs(search: "SearchConfig", trials: int, *, max_epochs: int) -> float:
    """Return the expected number of epochs of all ``trials`` of a search together."""
    most = trials * max_epochs
    if search.scheduler.name == "none" or not most:
        return float(most)
    orders = max(1, min(_ORDERS, _MOST_EPOCHS // most))
    generator = random.Random(0)
    total = 0
    for _ in range(orders):
        rule = EarlyStopping(search, max_epochs)
        ranks = generator.sample(range(trials), trials)
        total += sum(
            _last_epoch(rule, number, rank=rank, max_epochs=max_epochs)
            for number, rank in enumerate(ranks)
        )
    return total / orders


def _last_epoch(rule: EarlyStopping, number: int, *, rank: int, max_epochs: int) -> int:
    """Return the last epoch of a trial that is the ``rank``-th best at every epoch."""
    epochs = range(1, max_epochs)
    return next(
        (e for e in epochs if rule.record_and_decide(str(number), number, epoch=e, value=rank)),
        max_epochs,
    )
