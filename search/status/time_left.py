"""The time that the rest of a run takes, at the pace of the epochs that were computed so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from reports.ledger.schema import FAILED, FINISHED, SEARCH


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedTrial:
    """A trial that this command computed.

    Attributes:
        phase: ``search``, ``ablation`` or ``confirm``.
        status: ``finished``, ``stopped`` or ``failed``.
        epochs: the number of epochs that it ran.
    """

    phase: str
    status: str
    epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAtWork:
    """A trial that is running.

    Attributes:
        phase: ``search``, ``ablation`` or ``confirm``.
        epoch: the last epoch that has ended, 0 before the first.
        max_epochs: the most epochs of the trial; None until its first epoch has ended.
    """

    phase: str
    epoch: int = 0
    max_epochs: int | None = None


def seconds_left(
    ended: Sequence[ComputedTrial],
    running: Sequence[TrialAtWork],
    *,
    search: int,
    others: int,
    epoch_seconds: float,
) -> float | None:
    """Return the seconds that the rest of a run takes; None before a trial has ended well.

    A trial that is to come counts as many epochs as the ended ones of its kind took on average:
    those of a search may be stopped early, those of confirmations and ablations are not, and failed
    ones say nothing. A running one counts as those of its kind that ran longer than it has; without
    any it runs to its last epoch.

    Args:
        ended: the trials that this command computed.
        running: the trials that are running.
        search: trials of the search that have not ended, the running ones included.
        others: the other trials that have not ended, the running ones included.
        epoch_seconds: time that one epoch took so far, trials at once taken into account.
    """
    good = [trial for trial in ended if trial.status != FAILED and trial.epochs]
    if not good:
        return None
    lengths = {True: _lengths(good, of_search=True), False: _lengths(good, of_search=False)}
    at_work = [sum((each.phase == SEARCH) is kind for each in running) for kind in (True, False)]
    epochs = max(0, search - at_work[0]) * fmean(lengths[True])
    epochs += max(0, others - at_work[1]) * fmean(lengths[False])
    epochs += sum(_rest(each, lengths[each.phase == SEARCH]) for each in running)
    return epochs * epoch_seconds


def _lengths(good: Sequence[ComputedTrial], *, of_search: bool) -> list[int]:
    """Return the epochs of the ended trials of a kind; of similar ones where it has none."""
    own = [trial.epochs for trial in good if (trial.phase == SEARCH) is of_search]
    whole = [trial.epochs for trial in good if trial.status == FINISHED]
    return own or whole or [trial.epochs for trial in good]


def _rest(trial: TrialAtWork, lengths: Sequence[int]) -> float:
    """Return how many epochs a running trial has still to compute."""
    longer = [epochs for epochs in lengths if epochs > trial.epoch]
    last = fmean(longer) if longer else (trial.max_epochs or trial.epoch)
    return max(0.0, last - trial.epoch)
