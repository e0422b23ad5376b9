"""The trials of the search, by their rank on validation."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reports.ledger.reading.load import Results
from reports.ledger.roles import RecordedRole
from reports.ledger.schema import FINISHED, SEARCH, STATUSES
from reports.ledger.trials import Trial
from reports.results.seed_groups import roles_by


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


@lru_cache(maxsize=1)  # every table and figure of a search asks for them
def search_entries(results: Results) -> tuple[Entry, ...]:
    """Return the trials of the search: finished by rank, then stopped, then failed.

    Those on earlier data come last, since their values cannot be compared.
    """
    by_key = roles_by(results, SEARCH, label=lambda role: role.key)
    found = {key: results.trials[key] for key in by_key if key in results.trials}
    newest = _newest_data(found.values())

    def is_earlier(trial: Trial) -> bool:
        return trial.data_fingerprint != newest[trial.alignment]

    def order(trial: Trial) -> tuple[bool, int, float, int]:
        first = min(role.number for role in by_key[trial.key])
        return is_earlier(trial), STATUSES.index(trial.status), _loss(results, trial), first

    entries = []
    for place, trial in enumerate(sorted(found.values(), key=order), start=1):
        is_ranked = trial.status == FINISHED and not is_earlier(trial)
        entries.append(_entry(trial, by_key[trial.key], rank=place if is_ranked else None))
    return tuple(entries)


def _loss(results: Results, trial: Trial) -> float:
    """Return the objective so that less is better; infinity where it is not defined."""
    value = trial.valid.get(results.experiment.metric, math.nan)
    if math.isnan(value):
        return math.inf
    return value if results.experiment.mode == "min" else -value


def _entry(trial: Trial, roles: Sequence[RecordedRole], *, rank: int | None) -> Entry:
    numbers = tuple(sorted({role.number for role in roles}))
    return Entry(trial=trial, numbers=numbers, changes=roles[0].changes, rank=rank)


def _newest_data(trials: Iterable[Trial]) -> dict[str | None, str | None]:
    """Return by alignment the fingerprint of the data that the newest of some trials read."""
    return {
        trial.alignment: trial.data_fingerprint
        for trial in sorted(trials, key=lambda trial: trial.ended_at)
    }
