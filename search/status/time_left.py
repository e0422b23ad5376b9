"""The time that the rest of a run takes, at the pace of the epochs that were computed so far."""

from collections.abc import Iterable, Sequence
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


def seconds_left(
    ended: Sequence[ComputedTrial],
    running: Iterable[tuple[str, int]],
    *,
    search: int,
    others: int,
    epoch_seconds: float,
) -> float | None:
    """Return the seconds that the rest of a run takes; None before a trial has ended well.

    A trial that is left counts as many epochs as the ended ones of its kind took on average: those
    of a search may be stopped early, those of confirmations and ablations are not, and failed ones
    say nothing. Epochs that running trials have computed are subtracted.

    Args:
        ended: the trials that this command computed.
        running: phase and number of epochs of each running trial.
        search: trials of the search that have not ended, the running ones included.
        others: the other trials that have not ended, the running ones included.
        epoch_seconds: time that one epoch took so far, trials at once taken into account.
    """
    good = [trial for trial in ended if trial.status != FAILED and trial.epochs]
    if not good:
        return None
    in_all = [trial.epochs for trial in good]
    searched = [trial.epochs for trial in good if trial.phase == SEARCH]
    whole = [trial.epochs for trial in good if trial.phase != SEARCH] or [
        trial.epochs for trial in good if trial.status == FINISHED
    ]
    each = {True: fmean(searched or in_all), False: fmean(whole or in_all)}
    done = sum(min(epochs, each[phase == SEARCH]) for phase, epochs in running)
    return max(0.0, search * each[True] + others * each[False] - done) * epoch_seconds
