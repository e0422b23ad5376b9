"""How many epochs a scheduler leaves of a search, where its trials come in any order.

Orders are drawn and the scheduler's own rule plays them, one trial after the other: a trial that is
better at the end is taken to be better at every epoch.
"""

import random
from typing import TYPE_CHECKING

from search.stopping.early_stopping import EarlyStopping

if TYPE_CHECKING:
    from search.space.sections import SearchConfig

_ORDERS = 50
_MOST_EPOCHS = 100_000
"""Played in all: of a large search one order says as much as many."""


def expected_epochs(search: "SearchConfig", trials: int, max_epochs: int) -> float:
    """Return the expected epochs of all ``trials`` of a search together."""
    most = trials * max_epochs
    if search.scheduler.name == "none" or not most:
        return float(most)
    orders = max(1, min(_ORDERS, _MOST_EPOCHS // most))
    generator = random.Random(0)
    total = 0
    for _ in range(orders):
        rule = EarlyStopping(search, max_epochs)
        ranks = generator.sample(range(trials), trials)
        total += sum(_reached(rule, number, rank, max_epochs) for number, rank in enumerate(ranks))
    return total / orders


def _reached(rule: EarlyStopping, number: int, rank: int, max_epochs: int) -> int:
    """Return the epoch at which a trial ends that is the ``rank``-th best at every epoch."""
    epochs = range(1, max_epochs)
    return next(
        (e for e in epochs if rule.record_and_decide(str(number), number, epoch=e, value=rank)),
        max_epochs,
    )
