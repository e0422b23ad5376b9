"""The trials and roles of a run, indexed: no question asked after each trial reads all of them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from reports.ledger.goals import BestSoFar, Goal, Ranking
from reports.ledger.reading.searched import Searched
from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION, PHASES, SEARCH
from reports.ledger.trials import Trial

Seeds = tuple[int, ...]
"""The seeds of each configuration of a search besides the leading one; none with one seed."""

Ends = tuple[str, str, str]
"""Phase, group and status."""


class RunIndex:
    """The trials of a run that ended, and the roles that they fill.

    Adding a trial or a role takes the same time however many there are; with several objectives it
    takes longer the larger the Pareto set is.

    Args:
        trials: the trials that ended, by key.
        roles: role -> key of the trial that fills it; roles of other trials are left out.
    """

    def __init__(
        self, trials: Mapping[str, Trial] | None = None, roles: Mapping[Role, str] | None = None
    ) -> None:
        self._trials = dict(trials or {})
        self._rankings: dict[tuple[tuple[Goal, ...], Seeds], Ranking] = {}
        self._best_so_far: dict[tuple[Goal, Seeds], BestSoFar] = {}
        self._configs: set[str] | None = None  # of the search; None until they are asked for
        self._restart(roles or {})

    @property
    def trials(self) -> Mapping[str, Trial]:
        """Return each trial that ended, by its key."""
        return MappingProxyType(self._trials)

    @property
    def roles(self) -> Mapping[Role, str]:
        """Return role -> key of the trial that fills it."""
        return MappingProxyType(self._roles)

    @property
    def first(self) -> Mapping[str, Role]:
        """Return key -> role of lowest number, of each leading trial of the search."""
        return MappingProxyType(self._first)

    @property
    def leads(self) -> Mapping[str, str]:
        """Return key -> key of the leading trial, of the search's trials with other seeds."""
        return MappingProxyType(self._leads)

    @property
    def ends(self) -> Mapping[Ends, int]:
        """Return how many roles of each phase and group ended with each status.

        Each trial of the search counts once, in its first role.
        """
        return MappingProxyType(self._ends)

    @property
    def cells(self) -> Counter[tuple[str, str]]:
        """Return how many roles of each cell of an ablation ended, by its group and name."""
        return self._cells

    def roles_of(self, key: str) -> Sequence[Role]:
        """Return the roles that the trial ``key`` fills."""
        return self._by_key.get(key, ())

    def of(self, phase: str) -> Mapping[Role, str]:
        """Return the roles of a phase: role -> key."""
        return MappingProxyType(self._by_phase[phase])

    def searched(self, key: str, other_seeds: Seeds) -> Searched:
        """Return the configuration of the search whose leading trial is ``key``."""
        role, others = self._first.get(key), self._others.get(key, {})
        return Searched(
            number=0 if role is None else role.number,
            lead=self._trials[key],
            others={seed: self._trials[others[seed]] for seed in other_seeds if seed in others},
            role=role,
        )

    def best(self, goals: tuple[Goal, ...], count: int, *, other_seeds: Seeds = ()) -> list[str]:
        """Return the keys of the search's ``count`` best configurations, best first.

        Args:
            goals: the objectives, the first one first.
            count: the most keys, at least 0.
            other_seeds: the seeds that each of them must have finished besides the leading one.
        """
        ranked = (goals, other_seeds)
        if ranked not in self._rankings:
            self._rankings[ranked] = Ranking(goals, self._complete(other_seeds))
        return self._rankings[ranked].best(count)

    def best_at(self, goal: Goal, time: datetime, *, other_seeds: Seeds) -> str | None:
        """Return the key of the best configuration of those that were complete at a time."""
        wanted = (goal, other_seeds)
        if wanted not in self._best_so_far:
            self._best_so_far[wanted] = BestSoFar(goal, self._complete(other_seeds))
        return self._best_so_far[wanted].at(time)

    def has_searched(self, config: str) -> bool:
        """Return whether a trial of the search has this configuration (JSON)."""
        if self._configs is None:
            self._configs = {self._trials[key].config for key in self._first}
        return config in self._configs

    def add_trial(self, trial: Trial) -> None:
        """Add a trial that has ended; it replaces an earlier one of its key."""
        before = self._trials.get(trial.key)
        self._trials[trial.key] = trial
        if before is None:
            return
        if before.has_finished or before.config != trial.config:
            self._forget_rankings()
        for role in self._counted_roles(trial.key):
            self._ends[role.phase, role.group, before.status] -= 1
            self._ends[role.phase, role.group, trial.status] += 1
        if trial.key in self._first or trial.key in self._leads:
            self._rank(trial)

    def add_role(self, role: Role, key: str) -> None:
        """Add a role that the trial ``key``, which has ended, fills."""
        if role in self._roles:
            if self._roles[role] != key:
                self._restart({**self._roles, role: key})
            return
        self._roles[role] = self._by_phase[role.phase][role] = key
        self._by_key.setdefault(key, []).append(role)
        self._count(role, self._trials[key])

    def drop_roles(self, roles: Collection[Role]) -> None:
        """Drop these roles; their trials stay."""
        dropped = set(roles)
        self._restart({role: key for role, key in self._roles.items() if role not in dropped})

    def _restart(self, roles: Mapping[Role, str]) -> None:
        self._roles: dict[Role, str] = {}
        self._by_phase: dict[str, dict[Role, str]] = {phase: {} for phase in PHASES}
        self._by_key: dict[str, list[Role]] = {}
        self._first: dict[str, Role] = {}
        self._leads: dict[str, str] = {}
        self._others: dict[str, dict[int, str]] = {}
        self._ends: Counter[Ends] = Counter()
        self._cells: Counter[tuple[str, str]] = Counter()
        self._forget_rankings()
        for role, key in roles.items():
            if key in self._trials:
                self.add_role(role, key)

    def _count(self, role: Role, trial: Trial) -> None:
        if role.phase != SEARCH:
            self._ends[role.phase, role.group, trial.status] += 1
            if role.phase == ABLATION:
                self._cells[role.group, role.cell] += 1
            return
        if role.group:
            self._count_other(role, trial)
            return
        first = self._first.get(trial.key)
        if first is None:
            self._first[trial.key] = role
            self._ends[SEARCH, role.group, trial.status] += 1
            self._rank(trial)
        elif role.number < first.number:
            self._first[trial.key] = role
            self._forget_rankings()

    def _count_other(self, role: Role, trial: Trial) -> None:
        """Count a trial of the search with another seed than the leading one, once."""
        if trial.key in self._leads:
            return
        self._leads[trial.key] = role.group
        self._others.setdefault(role.group, {})[role.seed] = trial.key
        self._ends[SEARCH, "", trial.status] += 1
        self._rank(trial)

    def _counted_roles(self, key: str) -> list[Role]:
        """Return the roles of a trial that ``ends`` counts."""
        first = self._first.get(key)
        counted = [role for role in self.roles_of(key) if role.phase != SEARCH or role is first]
        if key in self._leads:
            counted.append(Role(phase=SEARCH, seed=self._trials[key].seed))
        return counted

    def _rank(self, trial: Trial) -> None:
        """Add a configuration of the search to what is ranked, if ``trial`` completes it."""
        lead = self._leads.get(trial.key)
        if lead is None and self._configs is not None:
            self._configs.add(trial.config)
        key = trial.key if lead is None else lead
        if not trial.has_finished or key not in self._first:
            return
        ranked: list[tuple[Seeds, Ranking | BestSoFar]] = [
            *((seeds, each) for (_, seeds), each in self._rankings.items()),
            *((seeds, each) for (_, seeds), each in self._best_so_far.items()),
        ]
        for other_seeds, ranking in ranked:
            if lead is None or trial.seed in other_seeds:
                searched = self.searched(key, other_seeds)
                if searched.is_complete(other_seeds):
                    ranking.add(searched.number, searched.mean)

    def _forget_rankings(self) -> None:
        """Let the next question rank all trials anew."""
        self._rankings.clear()
        self._best_so_far.clear()
        self._configs = None

    def _complete(self, other_seeds: Seeds) -> list[tuple[int, Trial]]:
        """Return number and mean trial of each configuration that has finished all its seeds."""
        found = (self.searched(key, other_seeds) for key in self._first)
        return [(each.number, each.mean) for each in found if each.is_complete(other_seeds)]
