"""How many epochs a search is expected to run with its scheduler.

The scheduler's own rule is simulated on random orders of the trials, one trial after the other. A
trial that is better at the end is assumed to be better at every epoch.
"""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.stopping.early_stopping import EarlyStopping

if TYPE_CHECKING:
    from search.space.sections import SearchConfig

_ORDERS = 50
_MOST_EPOCHS = 100_000
"""Epochs that are simulated in all: for a large search one order is as exact as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTrials:
    """What is expected of the trials of a search with its first seed.

    Attributes:
        epochs: the epochs of all of them together.
        finished: how many of them run to their end; only these run with other seeds.
    """

    epochs: float
    finished: float


def expected_trials(search: "SearchConfig", trials: int, *, max_epochs: int) -> ExpectedTrials:
    """Return what is expected of the ``trials`` of a search with its first seed."""
    most = trials * max_epochs
    if search.scheduler.name == "none" or not most:
        return ExpectedTrials(epochs=most, finished=trials)
    orders = max(1, min(_ORDERS, _MOST_EPOCHS // most))
    generator = random.Random(0)
    last: list[int] = []
    for _ in range(orders):
        rule = EarlyStopping(search, max_epochs)
        ranks = generator.sample(range(trials), trials)
        last += [
            _last_epoch(rule, number, rank=rank, max_epochs=max_epochs)
            for number, rank in enumerate(ranks)
        ]
    return ExpectedTrials(epochs=sum(last) / orders, finished=last.count(max_epochs) / orders)


def _last_epoch(rule: EarlyStopping, number: int, *, rank: int, max_epochs: int) -> int:
    """Return the last epoch of a trial that is the ``rank``-th best at every epoch."""
    epochs = range(1, max_epochs)
    return next(
        (e for e in epochs if rule.record_and_decide(str(number), number, epoch=e, value=rank)),
        max_epochs,
    )
