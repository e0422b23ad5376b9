"""The errors of reports.

ReportError
├── RunNotFoundError     no run folder, or a folder without a ledger
├── NotRepeatableError   no command repeats a trial (``reports.results.repeat``)
├── UnknownNameError     a table, a format or a trial that there is not
└── StorageError         an object store fails (``reports.ledger.places.store_errors``)
"""

import difflib
from collections.abc import Iterable

_MOST_NAMED = 60  # all tables; of the keys of trials a few are enough


class ReportError(Exception):
    """A report cannot be made; the message says what, what was found and what to do."""


class RunNotFoundError(ReportError):
    """A folder holds no run that a report could read."""


class NotRepeatableError(ReportError):
    """No command repeats this trial; the message says why, short enough for a cell."""


class UnknownNameError(ReportError):
    """A name is not one of those known."""

    def __init__(
        self, what: str, name: str, *, known: Iterable[str], most: int = _MOST_NAMED
    ) -> None:
        """Name the ``known`` ones, of very many the first, and the nearest to ``name``."""
        names = sorted(known)
        nearest = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
        more = f", ... ({len(names)} in all)" if len(names) > most else ""
        listed = f"{', '.join(names[:most])}{more}"
        super().__init__(f"unknown {what} {name!r}: expected one of {listed}{hint}")
