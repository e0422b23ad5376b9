"""The configurations that a search has tried, each with its trials: one for every seed.

A search trains a configuration with one seed or with several (``search.seeds``). The trial of the
first seed leads: its role names the suggestion alone. The role of another seed names the key of the
leading trial as its group, as a confirmation does.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from reports.ledger.roles import Role, first_roles
from reports.ledger.schema import FAILED, SEARCH
from reports.ledger.trials import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A configuration that a search has tried.

    Attributes:
        number: the number of its first suggestion, from 0.
        lead: its trial with the first seed of the search.
        others: its ended trials with other seeds, by seed.
        role: the role of the leading trial, None where it is not known.
    """

    number: int
    lead: Trial
    others: Mapping[int, Trial] = field(default_factory=dict)
    role: Role | None = None

    @property
    def key(self) -> str:
        """Return the key of the leading trial."""
        return self.lead.key

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Return its ended trials, the leading one first."""
        return self.lead, *self.others.values()

    @property
    def mean(self) -> Trial:
        """Return the leading trial with the mean of each metric over the seeds so far."""
        return mean_trial(self.trials)

    def is_complete(self, other_seeds: Iterable[int]) -> bool:
        """Return whether the leading trial and those of all other seeds ran to their end."""
        return self.lead.has_finished and all(
            seed in self.others and self.others[seed].has_finished for seed in other_seeds
        )


def mean_trial(trials: Sequence[Trial]) -> Trial:
    """Return the first of some trials, with the mean of each metric and cost over all of them.

    Its status is that of the first one; it is ``failed`` if the trial of another seed failed. A
    single trial is returned as it is.

    Args:
        trials: trials that differ in their seeds alone, the leading one first; at least one.
    """
    lead = trials[0]
    if len(trials) == 1:
        return lead
    last = max(trial.ended_at for trial in trials)
    for trial in trials[1:]:
        if trial.status == FAILED:
            return lead._replace(
                status=FAILED, failure=trial.failure, message=trial.message, ended_at=last
            )
    return lead._replace(
        ended_at=last,
        valid=_means([trial.valid for trial in trials]),
        test=_means([trial.test for trial in trials]),
        inference_seconds=_mean([trial.inference_seconds for trial in trials]),
        peak_memory_mib=_mean([trial.peak_memory_mib for trial in trials]),
    )


def searched_configurations(
    roles: Mapping[Role, str], trials: Mapping[str, Trial], *, other_seeds: Sequence[int] = ()
) -> list[Searched]:
    """Return the configurations of a search whose leading trial has ended, by their numbers.

    Args:
        roles: role -> key of its trial.
        trials: the trials that ended, by key.
        other_seeds: the seeds of each configuration besides the leading one; others do not count.
    """
    others: dict[str, dict[int, Trial]] = {}
    if other_seeds:
        for role, key in roles.items():
            if role.phase == SEARCH and role.group and key in trials:
                others.setdefault(role.group, {})[role.seed] = trials[key]
    first = sorted(first_roles(roles).items(), key=lambda item: item[1].number)
    return [
        Searched(
            number=role.number,
            lead=trials[key],
            others=_in_order(others.get(key, {}), other_seeds),
            role=role,
        )
        for key, role in first
        if key in trials
    ]


def complete_trials(
    roles: Mapping[Role, str], trials: Mapping[str, Trial], *, other_seeds: Sequence[int] = ()
) -> list[tuple[int, Trial]]:
    """Return number and mean trial of each configuration whose seeds all ran to their end.

    These are the configurations that a search ranks, as ``reports.ledger.goals.best_keys`` takes
    them. The arguments are those of ``searched_configurations``.
    """
    found = searched_configurations(roles, trials, other_seeds=other_seeds)
    return [(each.number, each.mean) for each in found if each.is_complete(other_seeds)]


def other_seeds_of(search: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the seeds besides the leading one of a space's search section, none with one seed."""
    return tuple((search.get("seeds") or ())[1:])


def _in_order(found: Mapping[int, Trial], seeds: Sequence[int]) -> dict[int, Trial]:
    return {seed: found[seed] for seed in seeds if seed in found}


def _means(metrics: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each metric that all trials have, NaN where one of them is."""
    return {
        name: fmean([each[name] for each in metrics])
        for name in metrics[0]
        if all(name in each for each in metrics)
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return fmean(known) if len(known) == len(values) else None
