"""Whether a run goes on although every trial so far has failed."""

from typing import TYPE_CHECKING

from reports.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.trials.protocol import Failure


class FailureLimit:
    """Count the failures of one command while no trial has succeeded.

    A trial that waits for another attempt has not failed yet.

    Args:
        most: the number of failures in a row after which no trial starts, 0 for no limit.
        statuses: the statuses of the trials that the ledger holds for the present space.

    Attributes:
        last: the last failure as text, as in ``search 4: crash: no such device``.
    """

    def __init__(self, most: int, statuses: "Iterable[str]") -> None:
        self._most = most
        self._has_success = any(status != schema.FAILED for status in statuses)
        self._count = 0
        self.last = ""

    def count(self, title: str, status: str, *, failure: "Failure | None") -> None:
        """Count a trial that has ended; one that was stopped early counts as a success."""
        if failure is None:
            self._has_success = self._has_success or status != schema.FAILED
            return
        self._count += 1
        self.last = f"{title}: {failure.kind}: {failure.message.partition(chr(10))[0]}"

    @property
    def is_reached(self) -> bool:
        """Return whether so many trials have failed that all likely have the same cause."""
        return 0 < self._most <= self._count and not self._has_success

    @property
    def message(self) -> str:
        """Return the message that says why the run stops."""
        return (
            f"{self._count} trials in a row failed and none has finished (stop_after_failures: "
            f"{self._most}), so no other is started; the last one is {self.last}"
        )
