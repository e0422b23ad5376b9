"""Where runs stand, read from their folders without touching them, also while they work."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reports.ledger.goals import Goal
from reports.ledger.places.storage import Place
from reports.ledger.run.experiment import Experiment
from reports.ledger.schema import ABLATION, CONFIRM, FAILED, SEARCH, STATUSES
from reports.ledger.trials import Trial
from search.budget.limits import Usage, own_epochs
from search.budget.recorded_time import RecordedTime, read_time_with_warning
from search.errors import SearchError
from search.events import TrialName
from search.ledger.experiment_file import FILE, check_name, read_experiment
from search.ledger.lock import is_locked
from search.ledger.read_only import ReadOnlyLedger
from search.ledger.running_trials import RunningFolder, UnderWay
from search.ledger.utterances import damaged_utterances
from search.status.pareto import ParetoTrial, pareto_trials
from search.status.progress import Amounts, count_roles
from search.status.winner import winner_sentence

if TYPE_CHECKING:
    from reports.ledger.roles import Role
    from search.queue.recorded_trials import PresentSpace

_UNREADABLE = (
    "this version cannot read the recorded space ({}); counted is what the last command recorded"
)


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
class TrialAtWork:
    """A trial that has started and not ended.

    Attributes:
        title: of its first role.
        epoch: that it has ended, 0 before the first.
        max_epochs: of it, None before the first epoch has ended.
        value: of the search's metric on validation at that epoch.
        started_at: when a worker got it, None where that is not known.
        node: that it runs on, "" before its first epoch has ended.
        stage: what its worker does before the first epoch, where that takes long; else "".
    """

    title: str
    epoch: int = 0
    max_epochs: int | None = None
    value: float | None = None
    started_at: datetime | None = None
    node: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTrial:
    """A trial that failed, with the kind of failure and the first line of its message."""

    title: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """Where a run stands.

    Attributes:
        name: of the run.
        folder: of the run.
        active: whether a process works on it now.
        total: most roles, as the newest version of the space plans them.
        counts: phase -> status -> roles, in the order of a run; the search's trials are counted
            once each, and confirmations of the configurations that are the best now.
        best: of the search, None without a finished trial.
        under_way: the trials that have started and not ended.
        metric: of the search, as in ``valid/mae``.
        failed: the trials that failed, newest first.
        usage: of the budget, over all commands.
        budget: limits by name, those that are set.
        pace: seconds for each trial since the command at work began, None before one has ended.
        pareto: of a search with several objectives, the best by the first one first.
        winner: what the search's best keeps over fresh seeds, in words; None before there are any.
        warnings: a line for each file that could not be read.
        left_out: trials of the ledger that belong to earlier versions of the space.
    """

    name: str
    folder: Place
    active: bool
    total: int
    counts: Mapping[str, Mapping[str, int]]
    best: BestTrial | None
    under_way: tuple[TrialAtWork, ...]
    metric: str = "valid/mae"
    failed: tuple[FailedTrial, ...] = ()
    usage: Usage = field(default_factory=Usage)
    budget: Mapping[str, float] = field(default_factory=dict)
    pace: float | None = None
    pareto: tuple[ParetoTrial, ...] = ()
    winner: str | None = None
    warnings: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def seconds_left(self) -> float | None:
        """Return the time that the rest takes at this pace, None where that cannot be told."""
        return None if self.pace is None else self.pace * max(0, self.total - self.done)

    @property
    def done(self) -> int:
        """Return how many roles have ended."""
        return sum(sum(statuses.values()) for statuses in self.counts.values())


def run_names(runs: Place) -> list[str]:
    """Return the names of the runs in a folder."""
    return sorted(path.parent.name for path in runs.glob(f"*/{FILE}"))


def run_folder(runs: Place, name: str) -> Place:
    """Return the folder of the run ``name``.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged, or the folder was renamed.
    """
    return _find_run(runs, name)[0]


def _find_run(runs: Place, name: str) -> tuple[Place, Experiment]:
    experiment = read_experiment(runs / name)
    if experiment is None:
        known = ", ".join(run_names(runs)) or "none yet"
        raise UnknownRunError(
            f"no run {name!r} in {runs}; expected one of: {known}; start one with "
            "sugrm-search run SPACE, or name another folder with --runs"
        )
    check_name(runs / name, experiment)
    return runs / name, experiment


def run_status(runs: Place, name: str) -> RunStatus:
    """Return where the run ``name`` stands.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged.
        StorageError: the folder is one of an object store that does not answer.
    """
    folder, experiment = _find_run(runs, name)
    goals, budget = experiment.goals, experiment.space.get("budget") or {}
    ledger = ReadOnlyLedger(folder)
    trials = ledger.trials
    present = _present(experiment, trials, ledger.roles)
    counted = count_roles(present.roles, trials, present.amounts)
    ended = counted.ended
    under_way = RunningFolder(folder)
    running = [
        trial for trial in under_way.read() if trial.key not in trials and present.has(trial.roles)
    ]
    (spent, lost_time), active = read_time_with_warning(folder), is_locked(folder)
    return RunStatus(
        name=name,
        folder=folder,
        active=active,
        total=max(counted.total, len(ended)),
        counts=_counts(ended, trials),
        best=_best(ended, trials, goals[0]),
        under_way=tuple(_at_work(trial) for trial in running),
        metric=goals[0].metric,
        failed=_failed(ended, trials),
        usage=_usage(trials, running, spent.seconds),
        budget={name: limit for name, limit in budget.items() if limit},
        pace=_pace(trials, spent) if active else None,
        pareto=pareto_trials(ended, trials, goals),
        winner=winner_sentence(goals[0], ended, trials),
        warnings=(
            *ledger.warnings,
            *damaged_utterances(folder),
            *under_way.damaged,
            *lost_time,
            *present.warnings,
        ),
        left_out=len(trials.keys() - set(present.roles.values())),
    )


@dataclass(frozen=True, slots=True)
class _Present:
    """What the newest version of the space asks for."""

    roles: Mapping["Role", str]
    amounts: Amounts
    warnings: Sequence[str] = ()
    present: "PresentSpace | None" = None

    def has(self, roles: Sequence["Role"]) -> bool:
        """Return whether the space asks for one of ``roles``."""
        return self.present is None or any(map(self.present.names, roles))


def _present(
    experiment: Experiment,
    trials: Mapping[str, Trial],
    roles: Mapping["Role", str],
) -> _Present:
    """Return which recorded roles belong to the space, as a run of it decides that.

    Where its record does not say enough, the roles that the last command left are taken.
    """
    recorded = _Present(roles, _amounts(experiment))
    if not experiment.newest.data:
        return recorded
    from search.plan import build_plan
    from search.queue.recorded_trials import PresentSpace
    from search.trials.recorded_space import RecordedKeys, UnreadableSpaceError, recorded_space

    try:
        space = recorded_space(experiment.newest)
        plan = build_plan(space)
    except (UnreadableSpaceError, ValidationError) as error:
        line = str(error).partition("\n")[0]
        return replace(recorded, warnings=[_UNREADABLE.format(line)])
    present = PresentSpace(space, plan, RecordedKeys(space, experiment.newest.data, trials))
    kept = present.kept(roles)
    goals = space.search.goals if space.search is not None else ()
    amounts = Amounts.of(plan, goals, plan.search_trials)
    return _Present(kept.roles, amounts, kept.warnings, present)


def _amounts(experiment: Experiment) -> Amounts:
    """Return how many trials a run has at most, as it has recorded it itself."""
    version = experiment.newest
    search, confirm = version.space.get("search") or {}, version.space.get("confirm") or {}
    trials = int(version.search_trials or search.get("trials") or 0)
    top = int(confirm.get("top") or 1) if search and confirm else 0
    seeds = len(confirm.get("seeds") or ())
    return Amounts(
        search=trials,
        confirm_top=top,
        confirm_seeds=seeds,
        ablation=max(0, version.total - trials - min(top, trials) * seeds),
        goals=experiment.goals,
    )


def _at_work(trial: UnderWay) -> TrialAtWork:
    return TrialAtWork(
        title=TrialName.of(trial.roles[0], trial.key).title,
        epoch=trial.epoch,
        max_epochs=trial.max_epochs,
        value=trial.value,
        started_at=_time(trial.started_at),
        node=trial.node,
        stage=trial.stage,
    )


def _failed(roles: Mapping["Role", str], trials: Mapping[str, Trial]) -> tuple[FailedTrial, ...]:
    """Return each failed trial under its first role."""
    titles: dict[str, str] = {}
    for role, key in sorted(roles.items(), key=lambda item: (item[0].phase, item[0].number)):
        if trials[key].status == FAILED:
            titles.setdefault(key, TrialName.of(role, key).title)
    newest = sorted(titles, key=lambda key: (trials[key].ended_at, key), reverse=True)
    return tuple(
        FailedTrial(
            title=titles[key],
            kind=trials[key].failure or "unknown",
            message=(trials[key].message or "").partition("\n")[0],
        )
        for key in newest
    )


def _usage(trials: Mapping[str, Trial], running: Sequence[UnderWay], seconds: float) -> Usage:
    epochs = {**own_epochs(trials.values()), **{trial.key: trial.epoch for trial in running}}
    return Usage(seconds=seconds, trials=len(epochs), epochs=sum(epochs.values()))


def _pace(trials: Mapping[str, Trial], spent: RecordedTime) -> float | None:
    if spent.started_at is None:
        return None
    since = spent.started_at
    computed = sum(
        trial.adopted_from is None and trial.ended_at >= since for trial in trials.values()
    )
    return (datetime.now(UTC) - since).total_seconds() / computed if computed else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _counts(roles: Mapping["Role", str], trials: Mapping[str, Trial]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for role, key in roles.items():
        counts.setdefault(role.phase, Counter())[trials[key].status] += 1
    return {
        phase: {status: counts[phase][status] for status in STATUSES if counts[phase][status]}
        for phase in (SEARCH, CONFIRM, ABLATION)
        if phase in counts
    }


def _best(
    roles: Mapping["Role", str],
    trials: Mapping[str, Trial],
    goal: Goal,
) -> BestTrial | None:
    metric, column = goal.metric, goal.column
    sign = -1.0 if goal.mode == "max" else 1.0
    finished = [
        BestTrial(number=role.number, key=key, metric=metric, value=trials[key].column(column))
        for role, key in roles.items()
        if role.phase == "search" and trials[key].has_finished
    ]
    comparable = [each for each in finished if each.value is not None and isfinite(each.value)]
    return min(comparable, key=lambda trial: (sign * trial.value, trial.number), default=None)
