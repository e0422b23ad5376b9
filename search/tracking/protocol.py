"""What a tracker gets of a run: its trials, their epochs, how they end, its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.option_values import OptionValue

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRun:
    """A run, as trackers name it.

    Attributes:
        name: the name of the space.
        identity: 16 hexadecimal digits that no other run has; continued, it keeps them.
        source: the text of the space file.
    """

    name: str
    identity: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedTrial:
    """A trial, as trackers show it.

    Attributes:
        key: the trial's key.
        label: a short name of it within the run, as in ``search-12-0123abcd``.
        role: the role that started it.
        values: each dotted option with its value; also ``seed`` and ``phase``.
        label_bound: the largest absolute label of its dataset.
        has_ended: whether it is a trial of the ledger, whose epochs and end follow at once.
    """

    key: str
    label: str
    role: Role
    values: tuple[tuple[str, OptionValue], ...]
    label_bound: float
    has_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochValues:
    """What trackers show of an epoch.

    Attributes:
        epoch: the number of the epoch, from 1.
        time: when the driver got it, in seconds since 1970.
        scalars: name -> value: training loss, validation metrics, those of the best epoch so far,
            correlation of labels with their truth; a value may be NaN.
        labels: task letter -> [N] generated labels.
    """

    epoch: int
    time: float
    scalars: Mapping[str, float]
    labels: Mapping[str, "np.ndarray[Any, np.dtype[np.float32]]"] = field(default_factory=dict)


class Tracker(Protocol):
    """Where a run is shown: a folder of files, or a server.

    A trial starts, has epochs and ends in this order, beside others. If the command is killed, the
    next one starts its trials again and reports their epochs from the first on: a tracker must not
    show a trial or an epoch twice.
    """

    def start_trial(self, trial: TrackedTrial) -> None:
        """Show a trial that starts, or that continues after an earlier command."""

    def write_epochs(self, key: str, epochs: Sequence[EpochValues]) -> None:
        """Show epochs of the trial ``key``, in order."""

    def end_trial(self, trial: Trial) -> None:
        """Show that a trial has ended, which has this row in the ledger."""

    def lacking(self, trials: Mapping[str, tuple[Trial, Role]]) -> list[str]:
        """Return the keys of the trials that have ended and whose end the tracker does not show.

        Args:
            trials: key -> row and role of each trial that has ended.
        """

    def attach_report(self, page: Path) -> None:
        """Keep the page of the run's report, an HTML file that is removed afterwards."""

    def close(self, *, done: bool) -> None:
        """Show that the command ends.

        Args:
            done: whether the plan is done; else the run may continue, and so may its trials.
        """
