"""The state of a run, read from its folder without changing it, also while the run works."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reports.ledger.goals import Goal, best_keys
from reports.ledger.places.storage import Place
from reports.ledger.reading.searched import complete_trials, searched_configurations
from reports.ledger.schema import FAILED, PHASES, STATUSES
from reports.ledger.trials import Trial
from search.budget.limits import Usage, own_epochs
from search.budget.recorded_time import read_time_with_warning
from search.events import TrialName
from search.ledger.lock import is_locked
from search.ledger.read_only import ReadOnlyLedger
from search.ledger.run_index import RunIndex
from search.ledger.running_trials import RunningFolder, StartedTrial
from search.ledger.utterances import damaged_utterances
from search.status.jobs_at_work import count_jobs_at_work
from search.status.pareto import pareto_trials
from search.status.present_roles import PresentRoles, present_roles
from search.status.progress import Counts, count_roles
from search.status.remaining_time import remaining_seconds, time_of
from search.status.runs import run_experiment
from search.status.states import BestTrial, Configurations, FailedTrial, RunningTrial, RunStatus
from search.status.winner import winner_sentence

if TYPE_CHECKING:
    from reports.ledger.roles import Role


def run_status(runs: Place, name: str) -> RunStatus:
    """Return the state of the run ``name``.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged.
        StorageError: the folder is one of an object store that does not answer.
    """
    experiment = run_experiment(runs, name)
    ledger = ReadOnlyLedger(runs / name)
    present = present_roles(experiment, ledger.trials, roles=ledger.roles)
    started, damaged = _started(ledger, present)
    time, lost_time = read_time_with_warning(ledger.folder)
    is_active = is_locked(ledger.folder)
    lost = (*damaged_utterances(ledger.folder), *damaged, *lost_time)
    jobs = [] if is_active else _jobs_without_driver(ledger.folder)
    counted = count_roles(RunIndex(ledger.trials, present.roles), present.amounts)
    left = (
        remaining_seconds(counted, started, time=time, now=datetime.now(UTC)) if is_active else None
    )
    status = _ended_trials(name, ledger, present=present, counted=counted, goals=experiment.goals)
    budget = experiment.space.get("budget") or {}
    return replace(
        status,
        active=is_active,
        running=tuple(map(_running, started)),
        usage=_usage(ledger.trials, started, seconds=time.seconds),
        budget={name: limit for name, limit in budget.items() if limit},
        seconds_left=left,
        warnings=(*ledger.warnings, *lost, *present.warnings, *jobs),
    )


def _jobs_without_driver(folder: Place) -> list[str]:
    """Return a warning where jobs compute although no command works on their run."""
    count = count_jobs_at_work(folder)
    if not count:
        return []
    jobs = "1 job is" if count == 1 else f"{count} jobs are"
    return [
        f"{jobs} still computing, but no command works on this run: run the same command again; it "
        "stops such jobs, keeps their results and continues"
    ]


def _started(
    ledger: ReadOnlyLedger, present: PresentRoles
) -> tuple[list[StartedTrial], Sequence[str]]:
    """Return the trials that have started and not ended, and a line for each damaged file."""
    folder = RunningFolder(ledger.folder)
    started = [
        trial
        for trial in folder.read()
        if trial.key not in ledger.trials and present.include_any(trial.roles)
    ]
    return started, folder.damaged


def _ended_trials(
    name: str,
    ledger: ReadOnlyLedger,
    *,
    present: PresentRoles,
    counted: Counts,
    goals: Sequence[Goal],
) -> RunStatus:
    """Return the state of a run that no process works on, as its trials that ended give it."""
    trials = ledger.trials
    ended, others = counted.ended, present.amounts.other_seeds
    return RunStatus(
        name=name,
        folder=ledger.folder,
        active=False,
        total=max(counted.total, len(ended)),
        counts=_counts(ended, trials),
        best=_best(ended, trials, goal=goals[0], other_seeds=others),
        configurations=_configurations(ended, trials, present=present),
        running=(),
        metric=goals[0].metric,
        failed=_failed(ended, trials),
        pareto=pareto_trials(ended, trials, goals=goals, other_seeds=others),
        unconfirmed=counted.unconfirmed,
        winner=winner_sentence(goals[0], ended, trials=trials, other_seeds=others),
        left_out=len(trials.keys() - set(present.roles.values())),
    )


def _counts(roles: Mapping["Role", str], trials: Mapping[str, Trial]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for role, key in roles.items():
        counts.setdefault(role.phase, Counter())[trials[key].status] += 1
    return {
        phase: {status: counts[phase][status] for status in STATUSES if counts[phase][status]}
        for phase in PHASES
        if phase in counts
    }


def _best(
    roles: Mapping["Role", str],
    trials: Mapping[str, Trial],
    *,
    goal: Goal,
    other_seeds: Sequence[int],
) -> BestTrial | None:
    complete = complete_trials(roles, trials, other_seeds=other_seeds)
    found = {trial.key: (number, trial) for number, trial in complete}
    best = best_keys(complete, [goal], count=1)
    if not best:
        return None
    number, trial = found[best[0]]
    value = goal.value(trial)
    assert value is not None  # a trial without the objective is never the best
    return BestTrial(
        number=number,
        key=trial.key,
        metric=goal.metric,
        value=value,
        seeds=1 + len(other_seeds),
    )


def _configurations(
    roles: Mapping["Role", str], trials: Mapping[str, Trial], *, present: PresentRoles
) -> Configurations | None:
    """Return the state of the configurations of a search, None unless it has several seeds."""
    seeds, steps = present.amounts.other_seeds, present.steps
    if not seeds:
        return None
    found = searched_configurations(roles, trials, other_seeds=seeds)
    given_up = 0 if steps is None else sum(steps.step(each.key).is_given_up for each in found)
    return Configurations(
        seeds=1 + len(seeds),
        complete=sum(each.is_complete(seeds) for each in found),
        begun=len(found),
        total=max(present.amounts.search, len(found)),
        given_up=given_up,
    )


def _running(trial: StartedTrial) -> RunningTrial:
    return RunningTrial(
        title=TrialName.of(trial.roles[0], trial.key).title,
        epoch=trial.epoch,
        max_epochs=trial.max_epochs,
        value=trial.value,
        started_at=time_of(trial.started_at),
        node=trial.node,
        stage=trial.stage,
    )


def _failed(roles: Mapping["Role", str], trials: Mapping[str, Trial]) -> tuple[FailedTrial, ...]:
    """Return each failed trial under its first role, newest first."""
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


def _usage(
    trials: Mapping[str, Trial], started: Sequence[StartedTrial], *, seconds: float
) -> Usage:
    epochs = {**own_epochs(trials.values()), **{trial.key: trial.epoch for trial in started}}
    return Usage(seconds=seconds, trials=len(epochs), epochs=sum(epochs.values()))
