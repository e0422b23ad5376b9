"""How the best configurations of a search do over fresh seeds.

A search trains each configuration with one seed or a few, so the best value of many is partly luck
of those seeds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from reports.ledger.goals import Goal
from reports.ledger.trials import Trial

ENOUGH = 3
"""How many fresh seeds it takes until the sentence recommends their mean."""
_ADVICE = "The mean over fresh seeds is the better estimate."


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """One configuration of the search that was run again.

    Attributes:
        metric: the first objective, as in ``valid/mae``.
        mode: ``min`` or ``max``.
        values: the value of the configuration in the search with each of its seeds, at least one.
        fresh: its value with each other seed that has finished, at least one.
    """

    metric: str
    mode: str
    values: tuple[float, ...]
    fresh: tuple[float, ...]

    @property
    def searched(self) -> float:
        """Return the value of the configuration in the search, the mean over its seeds."""
        return fmean(self.values)

    @property
    def mean(self) -> float:
        """Return the mean over the fresh seeds."""
        return sum(self.fresh) / len(self.fresh)

    @property
    def sentence(self) -> str:
        """Return in words how the configuration that won the search does over fresh seeds.

        >>> Confirmed(metric="valid/mae", mode="min", values=(0.29,), fresh=(0.438,) * 3).sentence
        "The search's best valid/mae was 0.290 with one seed; over 3 fresh seeds the same \
configuration has 0.438: 0.148 worse. The mean over fresh seeds is the better estimate."
        """
        change = self.mean - self.searched
        size = f"{abs(change):.3f}"
        verb = "worse" if (change > 0) == (self.mode == "min") else "better"
        seeds = "1 fresh seed" if len(self.fresh) == 1 else f"{len(self.fresh)} fresh seeds"
        count = len(self.values)
        searched = "with one seed" if count == 1 else f"on average over {count} seeds"
        return (
            f"The search's best {self.metric} was {self.searched:.3f} {searched}; over {seeds} "
            f"the same configuration has {self.mean:.3f}: "
            f"{'no change' if size == '0.000' else f'{size} {verb}'}. "
            + (_ADVICE if len(self.fresh) >= ENOUGH else "Both are from few seeds.")
        )


def confirmed_value(
    goal: Goal, searched: Sequence[Trial], *, repeated: Iterable[Trial]
) -> Confirmed | None:
    """Return the values of a configuration, None where no trial with a fresh seed has finished.

    Args:
        goal: the first objective of the search; with a cost the result is None, since a cost does
            not depend on the seed.
        searched: the trials of the configuration in the search, one for each seed; none where there
            is none.
        repeated: its finished confirmation trials; one with a seed of the search does not count.
    """
    known = [value for trial in searched if (value := goal.value(trial)) is not None]
    if not known or len(known) < len(searched) or not goal.metric.startswith("valid/"):
        return None
    used = {trial.seed for trial in searched}
    values = [goal.value(trial) for trial in repeated if trial.seed not in used]
    fresh = tuple(value for value in values if value is not None)
    if not fresh:
        return None
    return Confirmed(metric=goal.metric, mode=goal.mode, values=tuple(known), fresh=fresh)
