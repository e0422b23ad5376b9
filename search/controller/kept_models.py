"""Which models of a run belong to its result.

No test metric is used. Configurations are ranked as in the report: those with the most finished
seeds first, then by the mean of the validation objective over these seeds.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from reports.ledger.goals import Goal, best_keys
from reports.ledger.reading.searched import Searched
from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION, CONFIRM
from reports.ledger.trials import Trial
from search.ledger.run_index import RunIndex
from search.option_values import Changes
from search.sampling.seed_steps import SeedSteps

if TYPE_CHECKING:
    from search.plan import Plan
    from search.space import Space
    from search.space.sections import SearchConfig

Trials = Mapping[str, Trial]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRules:
    """Which models a space keeps (``search.space.sections.CheckpointConfig``), and its ranking.

    Attributes:
        keep: how many configurations of the result keep their models, at least 0.
        cells: whether the best cell of each ablation keeps its models, too.
        goals: the objectives of the search, the primary one first; it also ranks the cells.
        searches: whether the space has a search; without one the cells are the result.
        confirm_top: how many configurations of the search are confirmed.
        confirm_seeds: the seeds of each confirmed configuration, none without a confirmation.
        seeds: the seeds of each cell.
        starts: the changes of the first trials of the search.
        search: the search section of a space that trains each configuration with several seeds.
    """

    keep: int
    cells: bool = False
    goals: tuple[Goal, ...] = (Goal("valid/mae"),)
    searches: bool = True
    confirm_top: int = 1
    confirm_seeds: tuple[int, ...] = ()
    seeds: tuple[int, ...] = ()
    starts: tuple[Changes, ...] = ()
    search: "SearchConfig | None" = None

    @property
    def other_seeds(self) -> tuple[int, ...]:
        """Return the seeds of each configuration of the search besides the leading one."""
        return () if self.search is None else self.search.training_seeds[1:]

    @property
    def keeps_some(self) -> bool:
        """Return whether any model is kept."""
        return self.keep > 0 or self.cells


def keep_rules(space: "Space", plan: "Plan") -> KeepRules:
    """Return which models a space with this plan keeps."""
    search = space.search
    return KeepRules(
        keep=space.checkpoints.keep,
        cells=space.checkpoints.cells,
        goals=search.goals if search is not None else (Goal("valid/mae"),),
        searches=bool(plan.search_trials),
        confirm_top=plan.confirm_top,
        confirm_seeds=plan.confirm_seeds if plan.confirm_runs else (),
        seeds=plan.seeds,
        starts=() if search is None else search.start,
        search=search if search is not None and search.seeds is not None else None,
    )


@dataclass(frozen=True, slots=True)
class _Configuration:
    """Trials that differ only in their seeds."""

    planned: tuple[int, ...]
    keys: dict[int, str] = field(default_factory=dict)

    def is_complete(self, trials: Trials) -> bool:
        return all(self.keys.get(seed) in trials for seed in self.planned)


def keys_to_keep(
    index: RunIndex, models: Collection[str], *, rules: KeepRules
) -> tuple[set[str], set[str]]:
    """Return the trials whose models belong to the result, and those of them without a model.

    A configuration that has not run over all of its seeds may still be chosen, so its models stay.
    The models of the search's best configurations, and those of an earlier winner, stay until the
    first configuration of the present choice is confirmed. So do those of a configuration that the
    search has still to train with other seeds. A cell that equals a trial of the search may
    become one of its confirmations, so its models stay until all of them have run. If the models of
    a chosen configuration are gone, no other configuration replaces it.

    Args:
        index: the trials that have ended, and why each was run.
        models: the keys of the trials that have a model.
        rules: which models are kept.
    """
    rank = _Rank(index=index, models=models, rules=rules)
    every = _configurations(index.of(CONFIRM), seeds=rules.confirm_seeds)
    left = _left(index, every.keys(), rules=rules)
    confirmed = [each for name, each in every.items() if name not in left]
    kept = rank.best(confirmed, rules.keep)
    if not any(map(rank.has_models, rank.chosen(confirmed, rules.keep))):
        earlier = [each for name, each in every.items() if name in left]
        kept |= rank.best(filter(rank.has_models, earlier), rules.keep)
        kept |= rank.searched(rules.keep)
    if rules.searches and rules.keep and not _are_confirmed(confirmed, index.trials, rules=rules):
        kept |= {key for key in models if _may_be_confirmed(index, key, rules=rules)}
    if rules.cells or not rules.searches:
        cells = _configurations(index.of(ABLATION), seeds=rules.seeds)
        kept |= rank.best_cells(cells)
    return kept, rank.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rank:
    index: RunIndex
    models: Collection[str]
    rules: KeepRules
    missing: set[str] = field(default_factory=set)

    @property
    def trials(self) -> Trials:
        """Return the trials that have ended, by key."""
        return self.index.trials

    def has_models(self, configuration: _Configuration) -> bool:
        """Return whether a configuration has run over its seeds and has a model."""
        return configuration.is_complete(self.trials) and any(
            key in self.models for key in configuration.keys.values()
        )

    def chosen(self, configurations: Iterable[_Configuration], count: int) -> list[_Configuration]:
        """Return the best ``count`` configurations of those that have run over their seeds."""
        complete = [each for each in configurations if each.is_complete(self.trials)]
        return sorted(complete, key=self._place)[:count]

    def best(self, configurations: Iterable[_Configuration], count: int) -> set[str]:
        """Return the keys of the best ``count`` configurations and of the incomplete ones.

        The trials of the best ones that have no model are added to ``missing``.
        """
        if not count:
            return set()
        found = list(configurations)
        running = [each for each in found if not each.is_complete(self.trials)]
        chosen = self.chosen(found, count)
        for each in chosen:
            if not self.has_models(each):
                self.missing.update(filter(self._is_scored, each.keys.values()))
        return {key for each in (*running, *chosen) for key in each.keys.values()}

    def best_cells(self, cells: Mapping[tuple[str, str], _Configuration]) -> set[str]:
        """Return the keys of the best cells, by ablation and cell, and of the incomplete ones."""
        kept = set() if self.rules.searches else self.best(cells.values(), self.rules.keep)
        if self.rules.cells:
            ablations: dict[str, list[_Configuration]] = {}
            for (ablation, _), cell in cells.items():
                ablations.setdefault(ablation, []).append(cell)
            for members in ablations.values():
                kept |= self.best(members, 1)
        return kept

    def searched(self, count: int) -> set[str]:
        """Return the keys of the search's best ``count`` configurations that have models.

        With several seeds also those of configurations that have still to run with other seeds.
        """
        if not count:
            return set()
        index, others = self.index, self.rules.other_seeds
        leads = {index.leads.get(key, key) for key in self.models}
        found = {key: index.searched(key, others) for key in leads if key in index.first}
        complete = [each for each in found.values() if each.is_complete(others)]
        ranked = [(each.number, each.mean) for each in complete]
        best = best_keys(ranked, self.rules.goals, count=count)
        chosen = [found[key] for key in best] + list(self._open(found))
        return {trial.key for each in chosen for trial in each.trials}

    def _open(self, found: Mapping[str, Searched]) -> Iterator[Searched]:
        """Yield the configurations that run with another seed."""
        if self.rules.search is None:
            return
        steps = SeedSteps(self.rules.search, self.index)
        yield from (each for key, each in found.items() if steps.step(key).next_seed is not None)

    def _is_scored(self, key: str) -> bool:
        trial = self.trials[key]
        return trial.has_finished and self.rules.goals[0].value(trial) is not None

    def _place(self, configuration: _Configuration) -> tuple[int, float]:
        """Return a sort key: the best first, a mean that is not finite last."""
        trials = [self.trials[key] for key in configuration.keys.values() if key in self.trials]
        losses = [self.rules.goals[0].loss(trial) for trial in trials if trial.has_finished]
        known = [loss for loss in losses if loss is not None]
        whole = bool(known) and len(known) == len(losses)
        return -len(losses), fmean(known) if whole else math.inf


def _are_confirmed(
    confirmed: Sequence[_Configuration], trials: Trials, *, rules: KeepRules
) -> bool:
    """Return whether every confirmation has run, as far as the search has configurations."""
    complete = [each for each in confirmed if each.is_complete(trials)]
    return not rules.confirm_seeds or len(complete) >= rules.confirm_top


def _may_be_confirmed(index: RunIndex, key: str, *, rules: KeepRules) -> bool:
    """Return whether a confirmation of the search may take over a cell's trial."""
    return any(
        role.phase == ABLATION
        and role.seed in rules.confirm_seeds
        and (role.changes in rules.starts or _was_searched(index, index.trials[key].config))
        for role in index.roles_of(key)
    )


def _was_searched(index: RunIndex, config: str) -> bool:
    # "{}" is a row of an old ledger, which has no configuration.
    return config != "{}" and index.has_searched(config)


def _left(
    index: RunIndex, confirmations: Collection[tuple[str, str]], *, rules: KeepRules
) -> set[tuple[str, str]]:
    """Return which of the confirmations are of trials that are no longer to be confirmed."""
    best = set()
    if confirmations:
        best = set(index.best(rules.goals, rules.confirm_top, other_seeds=rules.other_seeds))
    return {
        (group, cell) for group, cell in confirmations if group in index.first and group not in best
    }


def _configurations(
    roles: Mapping[Role, str], *, seeds: tuple[int, ...]
) -> dict[tuple[str, str], _Configuration]:
    """Return the configurations of a phase by group and cell, confirmed ones by rank."""
    found: dict[tuple[str, str], _Configuration] = {}
    for role, key in sorted(roles.items(), key=lambda item: item[0].number):
        if role.seed in seeds:
            name = (role.group, role.cell)
            found.setdefault(name, _Configuration(seeds)).keys[role.seed] = key
    return found
