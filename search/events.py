"""The events that a run sends to its listener: frozen values, in the order in which they happen.

A run sends ``WorkersStarting`` first, unless nothing is left to compute, then ``PlanReady``, and
``RunEnded`` last. In between, each trial that is computed sends ``TrialStarted``,
``StageEntered`` if its start takes long, ``EpochDone`` for every epoch, and ``TrialEnded``. A role
whose trial is in the ledger already sends only ``TrialReused``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from search.option_values import Changes

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from reports.ledger.roles import Role

Phase = str
"""``search``, ``ablation`` or ``confirm`` (``reports.ledger.schema.PHASES``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A search that has ended without a configuration to confirm.

    Attributes:
        trials: the planned confirmation trials, which cannot run.
        why: why not, as a sentence without a full stop.
        next_step: what the user can do.
    """

    trials: int
    why: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a run, counted in roles (suggestions, cells x seeds, confirmation runs).

    Roles whose trial was in the ledger already count as well.

    Attributes:
        total: the largest number of roles; a search may end earlier.
        finished: roles whose trial ran to its end.
        stopped: roles whose trial was stopped early.
        failed: roles whose trial failed.
        running: trials that run now.
        search_left: trials of the search among those that have not ended; it may end earlier.
        cells_left: (group, cell) -> its trials that have not ended; empty where they are unknown.
        unconfirmed: why the planned confirmations, which ``total`` counts, cannot run; else None.
    """

    total: int
    finished: int = 0
    stopped: int = 0
    failed: int = 0
    running: int = 0
    search_left: int = 0
    cells_left: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unconfirmed: Unconfirmed | None = None

    @property
    def done(self) -> int:
        """Return the number of finished, stopped and failed roles."""
        return self.finished + self.stopped + self.failed

    @property
    def left(self) -> int:
        """Return the largest number of roles that have not ended and can still run."""
        blocked = 0 if self.unconfirmed is None else self.unconfirmed.trials
        return max(0, self.total - self.done - blocked)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialName:
    """A trial and the role for which it runs.

    Attributes:
        phase: ``search``, ``ablation`` or ``confirm``.
        group: the ablation's name, or the key of the configuration that is confirmed, or that
            the search trains with another seed.
        cell: the ablation's cell, "" otherwise.
        number: the number of the suggestion, or the rank of the confirmed configuration, from 0.
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
        """Return its short title for people (``reports.ledger.roles.Role.title``)."""
        from reports.ledger.roles import Role  # loads pyarrow, which a view of events does not need

        role = Role(
            phase=self.phase, group=self.group, cell=self.cell, number=self.number, seed=self.seed
        )
        return role.title


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedTrial:
    """What a trial of the run cost that has ended; phase, group and cell as in ``TrialName``.

    Its status is ``finished``, ``stopped`` or ``failed``; the seconds are those of its epochs.
    """

    phase: Phase
    group: str
    cell: str
    status: str
    epochs: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersStarting:
    """The data are checked; what computes the trials starts now, which may take half a minute.

    Attributes:
        where: what starts, for use after "starting".
    """

    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReady:
    """The run is about to start.

    Attributes:
        name: the name of the space.
        folder: the folder of the run.
        progress: the roles that the ledger holds already, and the total.
        objective: the metric of the search, as in the space (``valid/mae``); None without a search.
        mode: ``min`` or ``max``; None without a search.
        concurrency: how many trials run at once, 0 if none is left to run.
        gpus: the GPUs of each trial, as text; "" if none is left to run.
        resumed: the number of trials that were cut off and continue from their checkpoints.
        restarted: the number of trials that were cut off in their first epoch and start again.
        seeds: how many seeds the search trains each configuration with, at least 1.
        best: the best configuration that earlier commands found, by the number of its suggestion
            and its value of the objective (the mean over the seeds); None before there is one.
        notes: what trials take over of the models that they start from, a line each.
        computed: the trials that earlier commands of the run computed.
    """

    name: str
    folder: "Place"
    progress: Progress
    objective: str | None
    mode: str | None
    concurrency: int
    gpus: str = ""
    resumed: int = 0
    restarted: int = 0
    seeds: int = 1
    best: tuple[int, float] | None = None
    notes: tuple[str, ...] = ()
    computed: tuple[ComputedTrial, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted:
    """A trial was given to a worker.

    Attributes:
        name: the trial and its role.
        changes: dotted option -> value over the space's fixed values.
        progress: the progress of the run.
    """

    name: TrialName
    changes: Changes
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEntered:
    """A trial's worker does work before the first epoch that may take minutes."""

    name: TrialName
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochDone:
    """A trial has computed an epoch; epochs count from 1.

    ``is_repeated``: an earlier command had it, and the trial, which continues, reports it again.
    """

    name: TrialName
    epoch: int
    max_epochs: int
    seconds: float
    train_loss: float
    valid: Mapping[str, float]
    is_repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded:
    """A trial has ended and is in the ledger.

    Attributes:
        name: the trial and its role.
        status: ``finished``, ``stopped`` (early) or ``failed``.
        epochs: the number of epochs that it ran.
        value: the objective's metric on validation at the best epoch, None if it failed.
        seconds: the computing time of its recorded epochs, over all attempts.
        is_best: whether it is now the best finished trial of the search.
        progress: the progress of the run.
        failure: the kind of failure: ``oom``, ``nan``, ``crash``, ``timeout``, ``lost_node``.
        message: the message of the failure, or why a rule other than the scheduler stopped it; one
            line.
        mean: the mean of ``value`` over the seeds of a search with several, where this trial is the
            last of its configuration and all of them finished; else None.
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
    mean: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReused:
    """A role needs no computing: its trial was in the ledger already.

    Its attributes are those of ``TrialEnded``.
    """

    name: TrialName
    status: str
    value: float | None
    progress: Progress
    mean: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWarning:
    """A message to the user: about a damaged file, a cell without data, a spent budget."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The run has ended.

    Attributes:
        progress: the progress of the run.
        interrupted: whether it ended before the plan was done.
        seconds: the time of this command.
        next_step: what the user can do next, None if nothing is left.
    """

    progress: Progress
    interrupted: bool
    seconds: float
    next_step: str | None = None


Event = (
    WorkersStarting
    | PlanReady
    | TrialStarted
    | StageEntered
    | EpochDone
    | TrialEnded
    | TrialReused
    | RunWarning
    | RunEnded
)
