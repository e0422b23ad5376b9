"""Which seed of a configuration of the search runs next, or that none does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.reading.searched import Searched
from search.sampling.give_up import Values, gives_up

if TYPE_CHECKING:
    from reports.ledger.goals import Goal
    from search.ledger.run_index import RunIndex
    from search.space.sections import SearchConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedStep:
    """How far a configuration is over the seeds of its search.

    Attributes:
        searched: the configuration with its ended trials.
        next_seed: the seed that it runs with next, None if it runs with no other.
        left: how many of its seeds have no ended trial.
        is_given_up: whether it was given up because others are better.
    """

    searched: Searched
    next_seed: int | None
    left: int
    is_given_up: bool = False


class SeedSteps:
    """Decide after each trial of a configuration whether it runs with another seed.

    The seeds run one after another, so that a poor configuration costs few of them. A configuration
    whose trial was stopped or failed runs with no other seed.

    Args:
        search: the space's search section.
        index: the trials and roles of the run.
    """

    def __init__(self, search: "SearchConfig", index: "RunIndex") -> None:
        self._search, self._index = search, index
        self._goal: Goal = search.goals[0]
        self.other_seeds = search.training_seeds[1:]

    def step(self, key: str) -> SeedStep:
        """Return how far the configuration is whose leading trial, which has ended, is ``key``."""
        searched = self._index.searched(key, self.other_seeds)
        if not self.other_seeds:
            return SeedStep(searched=searched, next_seed=None, left=0)
        missing = [seed for seed in self.other_seeds if seed not in searched.others]
        values = self._values(searched)
        if not missing or len(values) < len(searched.trials):
            return SeedStep(searched=searched, next_seed=None, left=len(missing))
        given_up = self._gives_up(searched, values)
        return SeedStep(
            searched=searched,
            next_seed=None if given_up else missing[0],
            left=len(missing),
            is_given_up=given_up,
        )

    def left_out(self, keys: Iterable[str]) -> int:
        """Return how many trials the configurations with these leading trials do without."""
        if not self.other_seeds:
            return 0
        steps = map(self.step, keys)
        return sum(step.left for step in steps if step.next_seed is None)

    def _values(self, searched: Searched) -> Values:
        """Return the objective by seed, of the trials that finished with a value."""
        found = {
            trial.seed: self._goal.value(trial) for trial in searched.trials if trial.has_finished
        }
        return {seed: value for seed, value in found.items() if value is not None}

    def _gives_up(self, searched: Searched, values: Values) -> bool:
        if self._search.give_up_rule == "none":
            return False
        time = max(trial.ended_at for trial in searched.trials)
        best = self._index.best_at(self._goal, time, other_seeds=self.other_seeds)
        if best is None:
            return False
        others = self._values(self._index.searched(best, self.other_seeds))
        return gives_up(self._search.give_up, self._goal, values=values, best=others)
