"""A full disk: no fault of the trial, so the run stops and goes on when there is space again."""

import errno
from collections.abc import Iterator

from search.errors import SearchError

_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskFullError(SearchError):
    """Nothing more can be written."""


def is_disk_full(error: BaseException) -> bool:
    """Return whether ``error`` was raised by, or on the way from, a write without space."""
    return any(isinstance(each, OSError) and each.errno in _NUMBERS for each in _chain(error))


def disk_full(folder: object, message: str) -> DiskFullError:
    """Return the error for the user: what was refused, and how to go on."""
    return DiskFullError(
        f"{folder} takes no more data ({message}); expected free space for the ledger and the "
        "checkpoints of the running trials; free some and run the same command again: what has "
        "finished is kept, and what was running goes on from its checkpoint"
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
