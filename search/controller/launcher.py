"""What a run asks of a launcher: ``resources.launcher``, which starts what computes its trials."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from search.controller.controller import Controller


class Workers(Protocol):
    """What computes the trials of a run, once it has started; as text its GPUs, for the user."""

    @property
    def at_once(self) -> int:
        """How many trials run at once now, at least 1."""

    def compute(self, controller: "Controller") -> None:
        """Compute the trials of a controller, until it has no more or closes.

        Raises:
            SearchError: the workers or the disk of the run failed.
        """

    def break_off(self) -> None:
        """Leave what this process computes; the handler of Ctrl-C calls this, and it may raise."""


class Launcher(Protocol):
    """Starts what computes the trials of one run of one space."""

    @property
    def where(self) -> str:
        """What computes the trials, for use after "starting"."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether other machines than this one may compute."""

    @property
    def refuses_early(self) -> bool:
        """Whether it may refuse a run before the first trial, and has started nothing until then.

        A command that is refused leaves the record of an earlier one as it is.
        """

    def check(self) -> None:
        """Check what can be known of the run without starting anything.

        Raises:
            SearchError: the launcher cannot serve the run.
        """

    def start(self) -> AbstractContextManager[Workers]:
        """Start what computes the trials, or join it, for a block.

        Raises:
            SearchError: it cannot be started, or cannot serve the run.
        """
