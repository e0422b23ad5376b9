"""The trials of the search, by their rank on validation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reports.ledger.reading.load import Results
from reports.ledger.roles import RecordedRole
from reports.ledger.schema import FINISHED, SEARCH, STATUSES
from reports.ledger.trials import Trial


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
