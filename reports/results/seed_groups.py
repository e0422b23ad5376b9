"""Settings over seeds: the cells of ablations, and their baselines.

Nothing here reads a test metric: every choice is made on validation.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.ledger.reading.load import Results
from reports.ledger.roles import RecordedRole, Role
from reports.ledger.schema import ABLATION, FAILED, FINISHED
from reports.ledger.trials import Trial


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

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Return the finished trials in the order of their seeds."""
        return tuple(trial for _, trial in sorted(self.finished.items()))

    def values(self, split: str, metric: str) -> dict[int, float]:
        """Return the metric of ``split`` ("valid" or "test") by seed, where it is recorded."""
        found = {seed: getattr(trial, split).get(metric) for seed, trial in self.finished.items()}
        return {seed: value for seed, value in found.items() if value is not None}


def ablation_cells(results: Results) -> dict[str, tuple[SeedGroup, ...]]:
    """Return the planned cells of each ablation, also those without a trial.

    A run without ``experiment.json`` shows the cells that it recorded.
    """
    recorded = roles_by(results, ABLATION, label=lambda role: (role.group, role.cell))
    planned = [
        _planned_role(group, cell, changes=changes or {})
        for group, cells in results.experiment.ablations.items()
        for cell, changes in cells.items()
    ] or [roles[0] for roles in recorded.values()]
    groups: dict[str, tuple[SeedGroup, ...]] = {}
    for role in planned:
        roles = recorded.get((role.group, role.cell), [])
        cell = seed_group_of(results, role, roles=roles, planned=results.experiment.seeds)
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


def baseline_first(results: Results, cells: Sequence[SeedGroup]) -> tuple[SeedGroup, ...]:
    """Return the cells of an ablation, its baseline before the others."""
    baseline = baseline_of(results, cells)
    return baseline, *(cell for cell in cells if cell is not baseline)


def first_baseline(results: Results) -> tuple[str, SeedGroup] | None:
    """Return the first ablation baseline that has run, with its name for a sentence.

    It represents a run that has confirmed nothing.
    """
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        if baseline.finished:
            return f"{baseline.cell}, the baseline of the ablation {group}", baseline
    return None


def _planned_role(group: str, cell: str, *, changes: Mapping[str, Any]) -> Role:
    return Role(phase=ABLATION, group=group, cell=cell, seed=0, changes=changes)


def roles_by(
    results: Results, phase: str, *, label: Callable[[RecordedRole], Hashable]
) -> dict[Any, list[RecordedRole]]:
    """Return the recorded roles of a phase, grouped by ``label``."""
    grouped: dict[Any, list[RecordedRole]] = {}
    for role in results.roles:
        if role.phase == phase:
            grouped.setdefault(label(role), []).append(role)
    return grouped


def seed_group_of(
    results: Results,
    named: Role,
    *,
    roles: Sequence[RecordedRole],
    planned: tuple[int, ...],
) -> SeedGroup:
    """Return the trials of ``roles`` that have the changes of ``named``, all of one setting.

    A run may be continued with other fixed values; then only seeds of the newest setting count.
    """
    current = [role for role in roles if role.changes == named.changes]
    seeds = planned or tuple(sorted({role.seed for role in current}))
    wanted = [role for role in current if role.seed in seeds]
    trials = [results.trials[role.key] for role in wanted if role.key in results.trials]
    # By seed, so that the last digit of a mean does not depend on the parts of the ledger.
    ended = sorted((trial for trial in trials if trial.status == FINISHED), key=lambda t: t.seed)
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
