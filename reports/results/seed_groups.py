"""The trials of the search, of each confirmed configuration and of each ablation cell.

Nothing here reads a test metric: every choice is made on validation.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reports.ledger.goals import best_keys
from reports.ledger.roles import RecordedRole, Role
from reports.ledger.run.load import Results
from reports.ledger.schema import ABLATION, CONFIRM, FAILED, FINISHED, SEARCH, STATUSES
from reports.ledger.trials import Trial
from reports.statistics import best_index, summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A trial of the search with all suggestions that share it.

    Attributes:
        trial: the trial.
        numbers: trial numbers of these suggestions, ascending; several if one came again.
        changes: the searched values by option.
        rank: rank among the finished trials by the objective, from 1; None for other trials, and
            for those on other data than the newest trial of their alignment.
    """

    trial: Trial
    numbers: tuple[int, ...]
    changes: Mapping[str, Any]
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedGroup:
    """One setting over seeds: a confirmed configuration or a cell of an ablation.

    Attributes:
        group: name of the ablation, or key of the search trial that is confirmed.
        cell: name of the ablation's cell; "" for a confirmed configuration.
        number: rank of the confirmed configuration in the search, from 0.
        changes: options that differ from the fixed values.
        finished: the finished trial of each seed.
        failed: seeds of which every trial failed, ascending.
        planned: the planned seeds.
        superseded: number of trials of this name with other settings, which are left out.
    """

    group: str
    cell: str
    number: int
    changes: Mapping[str, Any]
    finished: Mapping[int, Trial]
    failed: tuple[int, ...]
    planned: tuple[int, ...]
    superseded: int = 0

    @property
    def missing(self) -> tuple[int, ...]:
        """Return the planned seeds without a finished trial."""
        return tuple(seed for seed in self.planned if seed not in self.finished)

    def values(self, split: str, metric: str) -> dict[int, float]:
        """Return the metric of ``split`` ("valid" or "test") by seed, where it is recorded."""
        found = {seed: getattr(trial, split).get(metric) for seed, trial in self.finished.items()}
        return {seed: value for seed, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """The confirmed configurations.

    Attributes:
        configurations: the configurations, in the order of their ranks in the search.
        chosen: place of the one that validation chose; None before one has finished.
        earlier: configurations that were confirmed but are no longer among the best.
    """

    configurations: tuple[SeedGroup, ...]
    chosen: int | None
    earlier: tuple[SeedGroup, ...] = ()

    @property
    def best(self) -> SeedGroup | None:
        """Return the configuration that validation chose; None before one has finished."""
        return None if self.chosen is None else self.configurations[self.chosen]

    @property
    def best_label(self) -> str:
        """Return its label in tables: ``2 (chosen)``; "" before one has finished."""
        return "" if self.chosen is None else self.label(self.chosen)

    @property
    def best_title(self) -> str:
        """Return its name for a sentence; "" before one has finished."""
        if self.chosen is None:
            return ""
        return f"confirmed configuration {self.chosen + 1}, chosen on validation"

    def label(self, place: int) -> str:
        """Return the label of the configuration at ``place`` in tables."""
        return f"{place + 1} (chosen)" if place == self.chosen else str(place + 1)

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the label of each configuration by its group; earlier ones are marked."""
        marked = {each.group: f"{each.number + 1}, no longer chosen" for each in self.earlier}
        present = {each.group: self.label(n) for n, each in enumerate(self.configurations)}
        return {**marked, **present}


@lru_cache(maxsize=1)  # every table and figure of a search asks for them
def search_entries(results: Results) -> tuple[Entry, ...]:
    """Return the trials of the search: finished by rank, then stopped, then failed.

    Those on earlier data come last, since their values cannot be compared.
    """
    by_key: dict[str, list[RecordedRole]] = {}
    for role in results.roles:
        if role.phase == SEARCH and role.key in results.trials:
            by_key.setdefault(role.key, []).append(role)
    sign = 1.0 if results.experiment.mode == "min" else -1.0
    newest = _newest_data([results.trials[key] for key in by_key])

    def is_earlier(trial: Trial) -> bool:
        return trial.data_fingerprint != newest[trial.alignment]

    def order(item: tuple[str, list[RecordedRole]]) -> tuple[bool, int, float, int]:
        trial = results.trials[item[0]]
        value = trial.valid.get(results.experiment.metric, math.nan)
        first = min(role.number for role in item[1])
        return (
            is_earlier(trial),
            STATUSES.index(trial.status),
            math.inf if math.isnan(value) else sign * value,
            first,
        )

    entries = []
    for place, (key, roles) in enumerate(sorted(by_key.items(), key=order), start=1):
        trial = results.trials[key]
        entries.append(
            Entry(
                trial=trial,
                numbers=tuple(sorted({role.number for role in roles})),
                changes=roles[0].changes,
                rank=place if trial.status == FINISHED and not is_earlier(trial) else None,
            )
        )
    return tuple(entries)


def _newest_data(trials: Sequence[Trial]) -> dict[str | None, str | None]:
    """Return by alignment the fingerprint of the data that the newest of some trials read."""
    return {
        trial.alignment: trial.data_fingerprint
        for trial in sorted(trials, key=lambda trial: trial.ended_at)
    }


@lru_cache(maxsize=256)  # nearly every table and figure asks for it, those of several runs too
def confirmation_of(results: Results) -> Confirmation:
    """Return the confirmed configurations, in the order of their ranks when they were confirmed.

    Those that are no longer among the best are listed apart: the search continued and found
    better ones.
    """
    groups = _by(results, CONFIRM, lambda role: role.group)
    if not groups:
        return Confirmation(configurations=(), chosen=None)
    seeds = results.experiment.confirm_seeds
    found = [
        _seed_group(results, roles[0], roles=roles, planned=seeds) for roles in groups.values()
    ]
    ordered = sorted(found, key=lambda configuration: configuration.number)
    left = _no_longer_chosen(results)
    configurations = tuple(each for each in ordered if each.group not in left)
    return Confirmation(
        configurations=configurations,
        chosen=_chosen(results, configurations),
        earlier=tuple(each for each in ordered if each.group in left),
    )


def _no_longer_chosen(results: Results) -> set[str]:
    """Return the keys of the search's trials that are not among those that the run confirms."""
    space = results.experiment.space
    if not space.get("search"):
        return set()
    entries = search_entries(results)
    # Only ranked trials compete: those on earlier data cannot be compared with the others.
    ranked = ((entry.numbers[0], entry.trial) for entry in entries if entry.rank is not None)
    top = (space.get("confirm") or {}).get("top") or 1
    chosen = set(best_keys(ranked, results.experiment.goals, top))
    return {entry.trial.key for entry in entries} - chosen


def _chosen(results: Results, configurations: Sequence[SeedGroup]) -> int | None:
    """Return which configuration has the best mean of the objective on validation.

    Only those with the most finished seeds compete, so that a lucky single seed does not win.
    """
    most = max((len(configuration.finished) for configuration in configurations), default=0)
    means = []
    for configuration in configurations:
        values = list(configuration.values("valid", results.experiment.metric).values())
        summary = summarise(values) if len(configuration.finished) == most else None
        means.append(math.nan if summary is None else summary.mean)
    return best_index(means, results.experiment.mode)


def ablation_cells(results: Results) -> dict[str, tuple[SeedGroup, ...]]:
    """Return the planned cells of each ablation, also those without a trial.

    A run without ``experiment.json`` shows the cells that it recorded.
    """
    recorded = _by(results, ABLATION, lambda role: (role.group, role.cell))
    planned = [
        _planned_role(group, cell, changes or {})
        for group, cells in results.experiment.ablations.items()
        for cell, changes in cells.items()
    ] or [roles[0] for roles in recorded.values()]
    groups: dict[str, tuple[SeedGroup, ...]] = {}
    for role in planned:
        roles = recorded.get((role.group, role.cell), [])
        cell = _seed_group(results, role, roles=roles, planned=results.experiment.seeds)
        groups[role.group] = (*groups.get(role.group, ()), cell)
    return groups


def baseline_of(results: Results, cells: Sequence[SeedGroup]) -> SeedGroup:
    """Return the cell of an ablation that the others are compared with.

    It is the cell that the space names (by default ``baseline``), else the first without changes,
    else the first. There must be at least one cell.
    """
    name = results.experiment.baselines.get(cells[0].group, "baseline")
    named = [cell for cell in cells if cell.cell == name]
    unchanged = [cell for cell in cells if not cell.changes]
    return [*named, *unchanged, *cells][0]


def first_baseline(results: Results) -> tuple[str, SeedGroup] | None:
    """Return the first ablation baseline that has run, with its name for a sentence.

    It represents a run that has confirmed nothing.
    """
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        if baseline.finished:
            return f"{baseline.cell}, the baseline of the ablation {group}", baseline
    return None


def _planned_role(group: str, cell: str, changes: Mapping[str, Any]) -> Role:
    return Role(phase=ABLATION, group=group, cell=cell, seed=0, changes=changes)


def _by(
    results: Results, phase: str, label: Callable[[RecordedRole], Hashable]
) -> dict[Any, list[RecordedRole]]:
    grouped: dict[Any, list[RecordedRole]] = {}
    for role in results.roles:
        if role.phase == phase:
            grouped.setdefault(label(role), []).append(role)
    return grouped


def _seed_group(
    results: Results,
    named: Role,
    *,
    roles: Sequence[RecordedRole],
    planned: tuple[int, ...],
) -> SeedGroup:
    """Gather the trials of ``roles`` that have the changes of ``named``, all of one setting.

    A run may be continued with other fixed values; then only seeds of the newest setting count.
    """
    current = [role for role in roles if role.changes == named.changes]
    seeds = planned or tuple(sorted({role.seed for role in current}))
    wanted = [role for role in current if role.seed in seeds]
    trials = [results.trials[role.key] for role in wanted if role.key in results.trials]
    ended = [trial for trial in trials if trial.status == FINISHED]
    newest = max(ended, key=lambda trial: trial.ended_at, default=None)
    finished = {t.seed: t for t in ended if newest is not None and t.setting == newest.setting}
    failed = {trial.seed for trial in trials if trial.status == FAILED} - finished.keys()
    old = {role.key for role in roles if role.key in results.trials}
    return SeedGroup(
        group=named.group,
        cell=named.cell,
        number=min((role.number for role in roles), default=0),
        changes=named.changes,
        finished=finished,
        failed=tuple(sorted(failed)),
        planned=seeds,
        superseded=len(old - {trial.key for trial in trials})
        + sum(trial.setting != newest.setting for trial in ended if newest is not None),
    )
