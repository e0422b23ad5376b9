"""The configurations of the search, by their rank on validation."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reports.ledger.reading.load import Results
from reports.ledger.reading.searched import mean_trial
from reports.ledger.roles import RecordedRole
from reports.ledger.schema import FINISHED, SEARCH, STATUSES
from reports.ledger.trials import Trial
from reports.results.seed_groups import roles_by

SOME_SEEDS = "some seeds"
"""The status of a configuration that has finished with some seeds of the search, not with all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A configuration of the search with all suggestions that share it.

    Attributes:
        trial: its trial; in a search with several seeds that of the first seed, with the mean of
            each metric over the seeds that have ended.
        numbers: trial numbers of these suggestions, ascending; several if one came again.
        changes: the searched values by option.
        rank: rank among the finished configurations by the objective, from 1; None for others, for
            those that have not finished with every seed, and for those on other data than the
            newest trial of their alignment.
        trials: its ended trials, one for each seed, the leading one first.
        is_complete: whether it has ended with every seed of the search.
    """

    trial: Trial
    numbers: tuple[int, ...]
    changes: Mapping[str, Any]
    rank: int | None
    trials: tuple[Trial, ...] = ()
    is_complete: bool = True

    @property
    def status(self) -> str:
        """Return ``finished`` (with every seed), ``stopped``, ``failed`` or ``some seeds``."""
        return self.trial.status if self.is_complete else SOME_SEEDS


@lru_cache(maxsize=1)  # every table and figure of a search asks for them
def search_entries(results: Results) -> tuple[Entry, ...]:
    """Return the configurations of the search: finished by rank, then stopped, then failed.

    Those that have not ended with every seed come after the ranked ones, and those on earlier data
    last, since their values cannot be compared.
    """
    by_key = roles_by(results, SEARCH, label=lambda role: role.group or role.key)
    trials = {
        key: _over_seeds(results, key, roles=roles)
        for key, roles in by_key.items()
        if key in results.trials
    }
    found = {key: mean_trial(ended) for key, ended in trials.items()}
    newest = _newest_data(found.values())
    others = len(results.experiment.other_seeds)

    def is_earlier(trial: Trial) -> bool:
        return trial.data_fingerprint != newest[trial.alignment]

    def is_complete(trial: Trial) -> bool:
        return trial.status != FINISHED or len(trials[trial.key]) > others

    def order(trial: Trial) -> tuple[bool, int, bool, float, int]:
        first = min(role.number for role in by_key[trial.key])
        end = STATUSES.index(trial.status)
        return is_earlier(trial), end, not is_complete(trial), _loss(results, trial), first

    entries = []
    for place, trial in enumerate(sorted(found.values(), key=order), start=1):
        is_ranked = trial.status == FINISHED and is_complete(trial) and not is_earlier(trial)
        leading = [role for role in by_key[trial.key] if role.leads]
        entries.append(
            Entry(
                trial=trial,
                numbers=tuple(sorted({role.number for role in leading or by_key[trial.key]})),
                changes=by_key[trial.key][0].changes,
                rank=place if is_ranked else None,
                trials=trials[trial.key],
                is_complete=is_complete(trial),
            )
        )
    return tuple(entries)


def _over_seeds(results: Results, key: str, *, roles: Sequence[RecordedRole]) -> tuple[Trial, ...]:
    """Return the ended trials of a configuration of the search, the leading one first."""
    ended = {role.seed: results.trials[role.key] for role in roles if role.key in results.trials}
    seeds = results.experiment.other_seeds
    return results.trials[key], *(ended[seed] for seed in seeds if seed in ended)


def _loss(results: Results, trial: Trial) -> float:
    """Return the objective so that less is better; infinity where it is not defined."""
    value = trial.valid.get(results.experiment.metric, math.nan)
    if math.isnan(value):
        return math.inf
    return value if results.experiment.mode == "min" else -value


def _newest_data(trials: Iterable[Trial]) -> dict[str | None, str | None]:
    """Return by alignment the fingerprint of the data that the newest of some trials read."""
    return {
        trial.alignment: trial.data_fingerprint
        for trial in sorted(trials, key=lambda trial: trial.ended_at)
    }
