"""The time that the rest of a run takes, by the epochs that were computed so far."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import fmean, median
from typing import TypeVar

from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION, CONFIRM, FAILED, FINISHED, SEARCH
from reports.ledger.trials import Trial
from search.events import ComputedTrial, TrialName
from search.ledger.run_index import RunIndex

Value = TypeVar("Value")
Kind = tuple[str, str, str]
"""Phase, group and cell of trials that cost about the same; the last two only of an ablation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAtWork:
    """A trial that is running.

    Attributes:
        kind: the kind of the trial.
        epoch: the last epoch that has ended, 0 before the first.
        max_epochs: the most epochs of the trial; None until its first epoch has ended.
        epoch_seconds: mean computing time of its epochs; None where it is unknown.
        elapsed: how long the epoch that it computes now has taken so far, in seconds.
    """

    kind: Kind
    epoch: int = 0
    max_epochs: int | None = None
    epoch_seconds: float | None = None
    elapsed: float = 0.0


class EpochCosts:
    """What trials of each kind cost, as far as the run has computed them.

    Kinds without a trial so far count as similar ones: a confirmation as the search, a cell as the
    median of the other cells; without such kinds as the median of all.

    Args:
        ended: the trials that the run computed.
        running: the trials that are running.
    """

    def __init__(self, ended: Sequence[ComputedTrial], running: Sequence[TrialAtWork]) -> None:
        self._seconds = _epoch_seconds(ended, running)
        self._own: dict[Kind, list[int]] = {}
        self._whole: dict[Kind, list[int]] = {}
        for trial in ended:
            if trial.status == FAILED or not trial.epochs:
                continue  # a failed one says nothing about the length of others
            kind = kind_of(trial)
            self._own.setdefault(kind, []).append(trial.epochs)
            if trial.status == FINISHED:
                self._whole.setdefault(kind, []).append(trial.epochs)

    @property
    def are_known(self) -> bool:
        """Return whether a trial has ended well and the time of its epochs is known."""
        return bool(self._own) and any(self._seconds.values())

    def seconds(self, kind: Kind) -> float:
        """Return the computing time of one epoch of this kind."""
        if kind in self._seconds:
            return self._seconds[kind]
        return median(_similar(kind, self._seconds) or self._seconds.values())

    def lengths(self, kind: Kind) -> list[int]:
        """Return the epochs of the ended trials of this kind, or of finished similar ones."""
        if kind in self._own:
            return self._own[kind]
        similar = _similar(kind, self._whole) or list(self._whole.values())
        return list(chain(*(similar or self._own.values())))


def computed_trials(index: RunIndex) -> Iterator[ComputedTrial]:
    """Yield the trials of a run that it computed itself and that fill a role."""
    for key, trial in index.trials.items():
        roles = index.roles_of(key)
        if trial.adopted_from is None and roles:
            yield computed_trial(trial, roles[0])


def computed_trial(trial: Trial, role: Role) -> ComputedTrial:
    """Return what a trial cost that was computed for a role."""
    return ComputedTrial(
        phase=role.phase,
        group=role.group,
        cell=role.cell,
        status=trial.status,
        epochs=trial.epochs or 0,
        seconds=trial.seconds or 0.0,
    )


def kind_of(trial: Role | TrialName | ComputedTrial) -> Kind:
    """Return the kind of a trial by its role.

    >>> kind_of(Role(phase="ablation", group="modules", cell="- MRM", seed=1))
    ('ablation', 'modules', '- MRM')
    >>> kind_of(Role(phase="confirm", group="0c4f1e", seed=1))
    ('confirm', '', '')
    """
    if trial.phase == ABLATION:
        return trial.phase, trial.group, trial.cell
    return trial.phase, "", ""


def kinds_left(total: int, *, search: int, cells: Mapping[tuple[str, str], int]) -> dict[Kind, int]:
    """Return how many trials of each kind have not ended, the running ones included.

    Args:
        total: all trials that have not ended.
        search: those of the search, at most.
        cells: those of each cell, by its group and name; the others are confirmations.
    """
    left = {(ABLATION, *cell): count for cell, count in cells.items()}
    left[SEARCH, "", ""] = min(total, search)
    left[CONFIRM, "", ""] = max(0, total - search - sum(cells.values()))
    return left


def seconds_left(
    costs: EpochCosts,
    running: Sequence[TrialAtWork],
    *,
    left: Mapping[Kind, int],
    pace: float,
) -> float | None:
    """Return the seconds that the rest of a run takes; None before a trial has ended well.

    A trial that is to come counts as many epochs as the ended ones of its kind took on average:
    those of a search may be stopped early, those of confirmations and ablations are not, and failed
    ones say nothing. A running one counts as those of its kind that ran longer than it has; without
    any it runs to its last epoch.

    Args:
        costs: what epochs and trials of each kind cost.
        running: the trials that are running.
        left: how many trials of each kind have not ended, the running ones included.
        pace: seconds that pass for one second of computing, below 1 with several trials at once.
    """
    if not costs.are_known:
        return None
    computing = sum(_rest(each, costs) for each in running)
    unplanned = sum(each.kind not in left for each in running)  # a plan whose cells are not known
    for kind, count in left.items():
        to_come = count - sum(each.kind == kind for each in running)
        to_come -= unplanned if kind == (CONFIRM, "", "") else 0
        if to_come > 0:
            computing += to_come * fmean(costs.lengths(kind)) * costs.seconds(kind)
    return computing * pace


def _similar(kind: Kind, known: Mapping[Kind, Value]) -> list[Value]:
    """Return what is known of the kinds that a kind without a trial resembles most."""
    alike = SEARCH if kind[0] == CONFIRM else kind[0]
    return [value for (phase, *_), value in known.items() if phase == alike]


def _epoch_seconds(
    ended: Iterable[ComputedTrial], running: Iterable[TrialAtWork]
) -> dict[Kind, float]:
    """Return the mean computing time of an epoch of each kind that has one."""
    sums: dict[Kind, tuple[int, float]] = {}
    measured = [(kind_of(trial), trial.epochs, trial.seconds) for trial in ended]
    measured += [
        (each.kind, each.epoch, each.epoch * each.epoch_seconds)
        for each in running
        if each.epoch_seconds is not None
    ]
    for kind, epochs, seconds in measured:
        before = sums.get(kind, (0, 0.0))
        sums[kind] = before[0] + epochs, before[1] + seconds
    return {kind: seconds / epochs for kind, (epochs, seconds) in sums.items() if epochs}


def _rest(trial: TrialAtWork, costs: EpochCosts) -> float:
    """Return the computing time that a running trial still has before it."""
    longer = [epochs for epochs in costs.lengths(trial.kind) if epochs > trial.epoch]
    last = fmean(longer) if longer else (trial.max_epochs or trial.epoch)
    return max(0.0, (last - trial.epoch) * costs.seconds(trial.kind) - trial.elapsed)
