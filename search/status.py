"""Where runs stand, read from their folders without touching them, also while they work."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from reports.schema import STATUSES
from reports.storage import Place
from search.errors import SearchError
from search.ledger.experiment import FILE, read_record
from search.ledger.ledger import open_tables, read_roles, read_trials
from search.ledger.lock import is_locked
from search.ledger.under_way import RunningFolder
from search.plan import ABLATION, CONFIRM, SEARCH

if TYPE_CHECKING:
    from search.plan import Role


class UnknownRunError(SearchError):
    """There is no run of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTrial:
    """The best finished trial of a search by its objective, on validation."""

    number: int
    key: str
    metric: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """Where a run stands.

    Attributes:
        name: of the run.
        folder: of the run.
        active: whether a process works on it now.
        total: most roles, as the newest version of the space plans them.
        counts: phase -> status -> roles, in the order of a run; the search's trials are counted
            once each.
        best: of the search, None without a finished trial.
        under_way: titles of the trials that have started and not ended.
    """

    name: str
    folder: Place
    active: bool
    total: int
    counts: Mapping[str, Mapping[str, int]]
    best: BestTrial | None
    under_way: tuple[str, ...]

    @property
    def done(self) -> int:
        """Return how many roles have ended."""
        return sum(sum(statuses.values()) for statuses in self.counts.values())


def run_names(runs: Place) -> list[str]:
    """Return the names of the runs in a folder."""
    return sorted(path.parent.name for path in runs.glob(f"*/{FILE}"))


def run_status(runs: Place, name: str) -> RunStatus:
    """Return where the run ``name`` stands.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged.
        StorageError: the folder is one of an object store that does not answer.
    """
    folder = runs / name
    record = read_record(folder)
    if record is None:
        known = ", ".join(run_names(runs)) or "none yet"
        raise UnknownRunError(
            f"no run {name!r} in {runs}; expected one of: {known}; start one with "
            "sugrm-search run SPACE, or name another folder with --runs"
        )
    newest = record["versions"][-1] if record["versions"] else {}
    tables = open_tables(folder)
    trials, roles = read_trials(tables["trials"]), read_roles(tables["roles"])
    ended = {role: key for role, key in roles.items() if key in trials}
    return RunStatus(
        name=name,
        folder=folder,
        active=is_locked(folder),
        total=max(int(newest.get("total") or 0), len(ended)),
        counts=_counts(ended, trials),
        best=_best(ended, trials, (newest.get("space") or {}).get("search") or {}),
        under_way=tuple(
            trial.roles[0].name(trial.key).title
            for trial in RunningFolder(folder).read()
            if trial.key not in trials
        ),
    )


def _counts(
    roles: Mapping["Role", str], trials: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, int]]:
    ends = {
        (role.phase, key if role.phase == "search" else role): trials[key]["status"]
        for role, key in roles.items()
    }
    counts: dict[str, Counter[str]] = {}
    for (phase, _), status in ends.items():
        counts.setdefault(phase, Counter())[status] += 1
    return {
        phase: {status: counts[phase][status] for status in STATUSES if counts[phase][status]}
        for phase in (SEARCH, CONFIRM, ABLATION)
        if phase in counts
    }


def _best(
    roles: Mapping["Role", str],
    trials: Mapping[str, Mapping[str, Any]],
    search: Mapping[str, Any],
) -> BestTrial | None:
    objective = search.get("objective") or {}
    metric = str(objective.get("metric") or "valid/mae")
    column = metric.replace("/", "_")
    sign = -1.0 if objective.get("mode") == "max" else 1.0
    finished = [
        BestTrial(number=role.number, key=key, metric=metric, value=trials[key][column])
        for role, key in roles.items()
        if role.phase == "search" and trials[key]["status"] == "finished"
    ]
    comparable = [each for each in finished if each.value is not None and isfinite(each.value)]
    return min(comparable, key=lambda trial: (sign * trial.value, trial.number), default=None)
