"""Errors of a full disk or of a store that fails, which are not the trial's fault.

The run stops. It continues when there is space again or the store answers.
"""

import errno
from collections.abc import Iterator

from reports.ledger.places.storage import Place, StorageError, in_object_store
from search.errors import SearchError

_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_KEPT = "what has finished is kept, and what was running goes on from its checkpoint"


class DiskFullError(SearchError):
    """Nothing more can be written to the disk or the store."""


def ends_the_run(error: BaseException) -> bool:
    """Return whether an error, its cause or its context is a full disk or a store that fails."""
    return any(_refuses(each) for each in _chain(error))


def disk_full(folder: Place, message: str) -> DiskFullError:
    """Return the error for the user: what failed, and how to continue."""
    if in_object_store(folder):  # the message names the place and what helps
        return DiskFullError(
            f"the run in {folder} stops: {message}; {_KEPT} when the same command runs again"
        )
    return DiskFullError(
        f"{folder} takes no more data ({message}); expected free space for the ledger and the "
        f"checkpoints of the running trials; free some and run the same command again: {_KEPT}"
    )


def _refuses(error: BaseException) -> bool:
    full = isinstance(error, OSError) and error.errno in _NUMBERS
    return full or isinstance(error, StorageError)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
