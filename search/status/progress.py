"""How far a run is, counted from its ledger: the same for the run itself and for ``status``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.goals import Goal, best_keys
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
        search: of the search.
        confirm_top: configurations that are confirmed.
        confirm_seeds: of each of them.
        ablation: cells x seeds.
        goals: the objectives of the search.
    """

    search: int
    confirm_top: int
    confirm_seeds: int
    ablation: int
    goals: tuple[Goal, ...] = ()

    @classmethod
    def of(cls, plan: "Plan", goals: Sequence[Goal], search: int) -> "Amounts":
        """Return those of a plan whose search will have ``search`` trials."""
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
        ended: role -> key of those that have ended; of the search the first role of each trial,
            of confirmations those of the present choice.
        total: most trials, as far as is known now.
    """

    ended: Mapping[Role, str]
    total: int

    def progress(self, trials: Mapping[str, Trial], running: int) -> Progress:
        """Return where the run stands while so many trials run."""
        count = Counter(trials[key].status for key in self.ended.values())
        return Progress(
            total=max(self.total, len(self.ended) + running),
            finished=count[schema.FINISHED],
            stopped=count[schema.STOPPED],
            failed=count[schema.FAILED],
            running=running,
        )


def count_roles(roles: Mapping[Role, str], trials: Mapping[str, Trial], amounts: Amounts) -> Counts:
    """Return which of the recorded roles count, and of how many.

    Every cell x seed counts; of the search every trial, however many suggestions it answered; of
    the confirmation the runs of the configurations that are the best now. An earlier winner's runs
    stay in the ledger and count for nothing.
    """
    found = {role: key for role, key in roles.items() if key in trials}
    first = first_roles(found)
    ended = {role: key for key, role in first.items()}
    ended |= {role: key for role, key in found.items() if role.phase == ABLATION}
    confirmed = {role: key for role, key in found.items() if role.phase == CONFIRM}
    has_ended = len(first) >= amounts.search
    configurations = min(amounts.confirm_top, amounts.search)
    if confirmed or has_ended:
        best = _best(first, trials, amounts)
        left = first.keys() - best
        ended |= {role: key for role, key in confirmed.items() if role.group not in left}
        configurations = len(best) if has_ended else configurations
    total = max(amounts.search, len(first)) + amounts.ablation
    return Counts(ended=ended, total=total + configurations * amounts.confirm_seeds)


def _best(first: Mapping[str, Role], trials: Mapping[str, Trial], amounts: Amounts) -> set[str]:
    """Return the keys of the trials that are confirmed if the search ends now."""
    finished = (
        (role.number, trials[key]) for key, role in first.items() if trials[key].has_finished
    )
    return set(best_keys(finished, amounts.goals, amounts.confirm_top))
