"""The state of a run as ``status`` shows it: counts, trials, budget and time left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reports.ledger.places.storage import Place
from search.budget.limits import Usage
from search.events import Unconfirmed
from search.status.pareto import ParetoTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTrial:
    """The best configuration of a search by its first objective, on validation.

    Attributes:
        number: the number of its suggestion.
        key: the key of its trial, with several seeds that of the first one.
        metric: the objective, as in ``valid/mae``.
        value: the value of the objective at the best epoch, the mean over the seeds.
        seeds: how many seeds the value is the mean of.
    """

    number: int
    key: str
    metric: str
    value: float
    seeds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Configurations:
    """How far the configurations of a search with several seeds are.

    Attributes:
        seeds: how many seeds each of them has, at least 2.
        complete: those whose trials ran to their end with every seed.
        begun: those whose trial with the first seed has ended, complete ones included.
        total: how many the search tries, at most.
        given_up: those that run with no other seed because others are better (``give_up``).
    """

    seeds: int
    complete: int
    begun: int
    total: int
    given_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTrial:
    """A trial that has started and not ended.

    Attributes:
        title: the title of the trial's first role.
        epoch: the last epoch that has ended, 0 before the first.
        max_epochs: the most epochs of the trial, None before the first has ended.
        value: the search's metric on validation after that epoch, None where it is undefined.
        started_at: when a worker got the trial, None where that is not known.
        node: the node that it runs on, "" before its first epoch has ended.
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
    """A trial that failed.

    Attributes:
        title: the title of the trial's first role.
        kind: the kind of failure: ``oom``, ``nan``, ``crash`` ...
        message: the first line of the failure's message.
    """

    title: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """The state of a run.

    Attributes:
        name: the name of the run.
        folder: the run folder.
        active: whether a process works on the run now.
        total: the most roles of the run, as the newest version of the space plans them.
        counts: phase -> status -> number of roles, in the order of a run; the search's trials are
            counted once each, and confirmations of the configurations that are the best now.
        best: the best trial of the search, None before one has finished.
        running: the trials that have started and not ended.
        metric: the first objective of the search, as in ``valid/mae``.
        failed: the trials that failed, newest first.
        usage: what all commands of the run have used of its budget.
        budget: limit by name, of those limits that are set.
        seconds_left: seconds that the rest takes, by the epochs so far; None where unknown.
        pareto: the Pareto set of a search with several objectives, best first objective first.
        winner: what the search's best keeps over fresh seeds, in words; None before there are any.
        unconfirmed: why the planned confirmations cannot run, None where they can.
        warnings: a line for each file that could not be read, and one where jobs compute without a
            command.
        left_out: number of recorded trials that belong to earlier versions of the space.
        configurations: the configurations of a search with several seeds, None with one seed.
    """

    name: str
    folder: Place
    active: bool
    total: int
    counts: Mapping[str, Mapping[str, int]]
    best: BestTrial | None
    running: tuple[RunningTrial, ...]
    metric: str = "valid/mae"
    failed: tuple[FailedTrial, ...] = ()
    usage: Usage = field(default_factory=Usage)
    budget: Mapping[str, float] = field(default_factory=dict)
    seconds_left: float | None = None
    pareto: tuple[ParetoTrial, ...] = ()
    winner: str | None = None
    unconfirmed: Unconfirmed | None = None
    warnings: tuple[str, ...] = ()
    left_out: int = 0
    configurations: Configurations | None = None

    @property
    def done(self) -> int:
        """Return how many roles have ended."""
        return sum(sum(statuses.values()) for statuses in self.counts.values())
