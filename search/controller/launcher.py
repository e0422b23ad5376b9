"""The interface of a launcher, which starts the workers of a run (``resources.launcher``)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from search.gpus import GpuUse

if TYPE_CHECKING:
    from search.controller.controller import Controller
    from search.space import Space


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """What computes the trials of a run, once it has started.

    Attributes:
        at_once: returns how many trials run at once now, at least 1.
        gpus: the GPUs of each trial, as text for the user.
        compute: computes the trials of a controller, until it has no more or closes; raises a
            ``SearchError`` if the workers or the disk of the run failed.
        break_off: called at Ctrl-C, within its handler; where trials are computed in this process
            it may raise a ``BaseException``, which ``compute`` catches, and closes the run.
    """

    at_once: Callable[[], int]
    gpus: str
    compute: Callable[["Controller"], None]
    break_off: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a launcher will offer, as far as this machine knows before anything has started.

    Attributes:
        at_once: how many trials run at once, at least 1.
        gpu_use: the GPUs of a trial.
        start_seconds: the time until the first trial starts.
        where: text after "2 trials at once".
        is_elsewhere: whether trials may run on other machines.
    """

    at_once: int
    gpu_use: GpuUse
    start_seconds: float
    where: str
    is_elsewhere: bool


@dataclass(frozen=True, kw_only=True)
class Launcher(ABC):
    """Starts the workers of one run of one space.

    Attributes:
        space: the space that is run.
        folder: the folder of the run.
        address: the address of a Ray cluster; None for this machine, or for no Ray.
        concurrency: the most trials at once, at least 1; None for as many as there is room for.
    """

    space: "Space"
    folder: Place
    address: str | None = None
    concurrency: int | None = None

    @property
    @abstractmethod
    def where(self) -> str:
        """Text after "starting"."""

    @property
    @abstractmethod
    def starts_nothing(self) -> bool:
        """Whether ``start`` starts no process.

        It is then called before the command is recorded, so that a refused command leaves the
        record of an earlier one as it is.
        """

    @abstractmethod
    def check(self) -> None:
        """Make the checks of a dry run: those that need neither a cluster nor a batch system.

        Raises:
            SearchError: the launcher cannot serve the run.
        """

    @abstractmethod
    def expected(self) -> Expected:
        """Return what the launcher will offer, for the estimate; nothing is started."""

    @abstractmethod
    def start(self) -> AbstractContextManager[Workers]:
        """Start or join the workers for a block.

        Raises:
            SearchError: they cannot be started, or cannot serve the run.
        """
