"""The progress of a run, counted from its ledger: the same for the run itself and ``status``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.goals import Goal, best_keys, finished_trials
from reports.ledger.roles import Role, first_roles
from reports.ledger.schema import ABLATION, CONFIRM
from reports.ledger.trials import Trial
from search.events import Progress

if TYPE_CHECKING:
    from search.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How many trials a run has at most.

    Attributes:
        search: the trials of the search, at least 0.
        confirm_top: the configurations that are confirmed, at least 0.
        confirm_seeds: the seeds of each confirmed configuration, at least 0.
        ablation: the trials of the ablations (cells x seeds), at least 0.
        goals: the objectives of the search, the first one first.
    """

    search: int
    confirm_top: int
    confirm_seeds: int
    ablation: int
    goals: tuple[Goal, ...] = ()

    @classmethod
    def of(cls, plan: "Plan", goals: Sequence[Goal], *, search: int) -> "Amounts":
        """Return the amounts of a plan whose search will have ``search`` trials."""
        return cls(
            search=search,
            confirm_top=plan.confirm_top,
            confirm_seeds=len(plan.confirm_seeds),
            ablation=plan.ablation_runs,
            goals=tuple(goals),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The trials of a run that count.

    Attributes:
        ended: role -> key of its trial, of trials that have ended: the first role of each trial of
            the search, the confirmations of the present choice, every cell of an ablation.
        total: the most trials of the run, as far as is known now.
    """

    ended: Mapping[Role, str]
    total: int

    def progress(self, trials: Mapping[str, Trial], running: int) -> Progress:
        """Return the progress of the run while ``running`` trials run."""
        count = Counter(trials[key].status for key in self.ended.values())
        return Progress(
            total=max(self.total, len(self.ended) + running),
            finished=count[schema.FINISHED],
            stopped=count[schema.STOPPED],
            failed=count[schema.FAILED],
            running=running,
        )


def count_roles(
    roles: Mapping[Role, str], trials: Mapping[str, Trial], *, amounts: Amounts
) -> Counts:
    """Return which of the recorded roles count, and how many trials there may be.

    Every cell x seed of an ablation counts. Every trial of the search counts once, however many
    suggestions it answered. A confirmation counts if its configuration is one of the best now; the
    trials of an earlier winner stay in the ledger and do not count.

    Args:
        roles: the recorded roles: role -> key of its trial.
        trials: the trials that ended, by key.
        amounts: how many trials the run has at most.
    """
    found = {role: key for role, key in roles.items() if key in trials}
    first = first_roles(found)
    ended = {role: key for key, role in first.items()}
    ended |= {role: key for role, key in found.items() if role.phase == ABLATION}
    confirmed = {role: key for role, key in found.items() if role.phase == CONFIRM}
    has_ended = len(first) >= amounts.search
    configurations = min(amounts.confirm_top, amounts.search)
    if confirmed or has_ended:
        best = _best(first, trials, amounts=amounts)
        left = first.keys() - best
        ended |= {role: key for role, key in confirmed.items() if role.group not in left}
        configurations = len(best) if has_ended else configurations
    total = max(amounts.search, len(first)) + amounts.ablation
    return Counts(ended=ended, total=total + configurations * amounts.confirm_seeds)


def _best(first: Mapping[str, Role], trials: Mapping[str, Trial], *, amounts: Amounts) -> set[str]:
    """Return the keys of the trials that are confirmed if the search ends now."""
    return set(best_keys(finished_trials(first, trials), amounts.goals, count=amounts.confirm_top))
