"""What a run tells its listener while it works: plain frozen values, in the order they happen.

A run sends ``PlanReady`` first and ``RunEnded`` last. Between them each trial that is computed
sends ``TrialStarted``, where it takes long to begin ``StageEntered``, an ``EpochDone`` for every
epoch and ``TrialEnded``; a role whose trial already stands in the ledger sends ``TrialReused``
alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.option_values import Changes

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from reports.ledger.roles import Role

Phase = str
"""``search``, ``ablation`` or ``confirm`` (``reports.ledger.schema.PHASES``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands, counted in roles (suggestions, cells x seeds, confirmation runs).

    ``total`` is an upper bound: a search may end earlier. ``done`` counts finished, stopped and
    failed roles, those answered from the ledger included.
    """

    total: int
    finished: int = 0
    stopped: int = 0
    failed: int = 0
    running: int = 0

    @property
    def done(self) -> int:
        """Return how many roles have ended."""
        return self.finished + self.stopped + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialName:
    """Why a trial runs: its role in the run.

    Attributes:
        phase: ``search``, ``ablation`` or ``confirm``.
        group: the ablation's name, or the key of the configuration that is confirmed.
        cell: the ablation's cell, "" otherwise.
        number: of the suggestion, or rank of the confirmed configuration (from 0).
        seed: the trial's seed.
        key: the trial's key in the ledger.
    """

    phase: Phase
    group: str = ""
    cell: str = ""
    number: int = 0
    seed: int
    key: str

    @classmethod
    def of(cls, role: "Role", key: str) -> "TrialName":
        """Return the name of the trial ``key`` in this role."""
        return cls(
            phase=role.phase,
            group=role.group,
            cell=role.cell,
            number=role.number,
            seed=role.seed,
            key=key,
        )

    @property
    def title(self) -> str:
        """Return a short title for people: ``search 12``, ``modules/remove MRM seed 1111``.

        Confirmed configurations count from 1, as in the report.
        """
        if self.phase == "search":
            return f"search {self.number}"
        if self.phase == "confirm":
            return f"confirm {self.number + 1} seed {self.seed}"
        return f"{self.group}/{self.cell} seed {self.seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReady:
    """The run is about to start.

    Attributes:
        name: of the space.
        folder: of the run.
        progress: what the ledger already holds, and the total.
        objective: metric of the search, as in the space (``valid/mae``), None without a search.
        mode: ``min`` or ``max``.
        concurrency: how many trials run at once, 0 where none is left to run.
        gpus: what each takes of a GPU, in words; "" where none is left to run.
        resumed: trials that were cut off and go on from their checkpoints.
    """

    name: str
    folder: "Place"
    progress: Progress
    objective: str | None
    mode: str | None
    concurrency: int
    gpus: str = ""
    resumed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted:
    """A trial has been handed to a worker.

    ``changes`` are its dotted options over the space's fixed values.
    """

    name: TrialName
    changes: Changes
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEntered:
    """A trial's worker does something before the first epoch that may take minutes."""

    name: TrialName
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochDone:
    """A trial has ended an epoch (epochs count from 1)."""

    name: TrialName
    epoch: int
    max_epochs: int
    seconds: float
    train_loss: float
    valid: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded:
    """A trial has ended and stands in the ledger.

    Attributes:
        status: ``finished``, ``stopped`` (early) or ``failed``.
        epochs: how many it ran.
        value: the objective's metric on validation at the best epoch, None if it failed.
        seconds: of computing, over all attempts' recorded epochs.
        is_best: whether it is now the best finished trial of the search.
        failure: kind of failure: ``oom``, ``nan``, ``crash``, ``timeout``, ``lost_node``.
        message: of the failure, or why it was stopped where that was not the scheduler; one line.
    """

    name: TrialName
    status: str
    epochs: int
    value: float | None
    seconds: float
    is_best: bool
    progress: Progress
    failure: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReused:
    """A role was answered from the ledger: its trial had ended before."""

    name: TrialName
    status: str
    value: float | None
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWarning:
    """Something the user should know: a set-aside file, a cell without data, a closed budget."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The run is over; ``interrupted`` says that something ended it early."""

    progress: Progress
    interrupted: bool
    seconds: float
    next_step: str | None = None


Event = (
    PlanReady
    | TrialStarted
    | StageEntered
    | EpochDone
    | TrialEnded
    | TrialReused
    | RunWarning
    | RunEnded
)
