"""The time that the rest of a run takes, by the epochs that were computed so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from reports.ledger.schema import ABLATION, CONFIRM, FAILED, FINISHED, SEARCH

Kind = tuple[str, str, str]
"""Phase, group and cell of trials that cost about the same; the last two only of an ablation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedTrial:
    """A trial that this command computed.

    Attributes:
        kind: the kind of the trial.
        status: ``finished``, ``stopped`` or ``failed``.
        epochs: the number of epochs that it ran.
        seconds: the computing time of these epochs.
    """

    kind: Kind
    status: str
    epochs: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAtWork:
    """A trial that is running.

    Attributes:
        kind: the kind of the trial.
        epoch: the last epoch that has ended, 0 before the first.
        max_epochs: the most epochs of the trial; None until its first epoch has ended.
        epoch_seconds: mean computing time of its epochs; None where it is unknown.
    """

    kind: Kind
    epoch: int = 0
    max_epochs: int | None = None
    epoch_seconds: float | None = None


class EpochCosts:
    """What trials of each kind cost, as far as this command has computed them.

    Kinds without an epoch so far count as the mean of similar kinds: a confirmation as the search,
    a cell as the other cells; without such kinds as the mean of all.

    Args:
        ended: the trials that this command computed. Failed ones count only for the time of epochs.
        running: the trials that are running.
    """

    def __init__(self, ended: Sequence[ComputedTrial], running: Sequence[TrialAtWork]) -> None:
        self._good = [trial for trial in ended if trial.status != FAILED and trial.epochs]
        self._seconds = _epoch_seconds(ended, running)

    @property
    def are_known(self) -> bool:
        """Return whether a trial has ended well and the time of its epochs is known."""
        return bool(self._good) and any(self._seconds.values())

    def seconds(self, kind: Kind) -> float:
        """Return the computing time of one epoch of this kind."""
        if kind in self._seconds:
            return self._seconds[kind]
        alike = SEARCH if kind[0] == CONFIRM else kind[0]
        similar = [cost for (phase, *_), cost in self._seconds.items() if phase == alike]
        return fmean(similar or self._seconds.values())

    def lengths(self, kind: Kind) -> list[int]:
        """Return the epochs of the ended trials of this kind; of similar ones where it has none."""
        own = [trial.epochs for trial in self._good if trial.kind == kind]
        whole = [trial for trial in self._good if trial.status == FINISHED]
        alike = [trial.epochs for trial in whole if trial.kind[0] == kind[0]]
        return own or alike or [trial.epochs for trial in whole or self._good]


def kind_of(phase: str, group: str, cell: str) -> Kind:
    """Return the kind of a trial by its role.

    >>> kind_of("ablation", "modules", "- MRM"), kind_of("confirm", "0c4f1e", "")
    (('ablation', 'modules', '- MRM'), ('confirm', '', ''))
    """
    return (phase, group, cell) if phase == ABLATION else (phase, "", "")


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
    for kind, count in left.items():
        to_come = count - sum(each.kind == kind for each in running)
        if to_come > 0:
            computing += to_come * fmean(costs.lengths(kind)) * costs.seconds(kind)
    return computing * pace


def _epoch_seconds(
    ended: Iterable[ComputedTrial], running: Iterable[TrialAtWork]
) -> dict[Kind, float]:
    """Return the mean computing time of an epoch of each kind that has one."""
    measured = [(each.kind, each.epochs, each.seconds) for each in ended]
    measured += [
        (each.kind, each.epoch, each.epoch * each.epoch_seconds)
        for each in running
        if each.epoch_seconds is not None
    ]
    sums: dict[Kind, tuple[int, float]] = {}
    for kind, epochs, seconds in measured:
        before = sums.get(kind, (0, 0.0))
        sums[kind] = before[0] + epochs, before[1] + seconds
    return {kind: seconds / epochs for kind, (epochs, seconds) in sums.items() if epochs}


def _rest(trial: TrialAtWork, costs: EpochCosts) -> float:
    """Return the computing time of the epochs that a running trial still has before it."""
    longer = [epochs for epochs in costs.lengths(trial.kind) if epochs > trial.epoch]
    last = fmean(longer) if longer else (trial.max_epochs or trial.epoch)
    return max(0.0, last - trial.epoch) * costs.seconds(trial.kind)
