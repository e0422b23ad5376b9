"""Errors of an object store, as messages that name the place and a remedy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from reports.errors import ReportError

_STORE_ERROR = "AWS Error"


class StorageError(ReportError):
    """An object store fails or refuses; the message names the place and the remedy."""


@contextmanager
def storage_errors(where: object) -> Iterator[None]:
    """Raise a ``StorageError`` for an error of the store in the block.

    A missing file raises ``FileNotFoundError`` and a damaged one what pyarrow raises.

    Args:
        where: the place that the block uses, for the message.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if _STORE_ERROR not in str(error):
            raise
        raise _storage_error(where, error) from error


def _storage_error(where: object, error: OSError) -> StorageError:
    text = str(error).splitlines()[0]
    kind = (re.findall(r"AWS Error (\w+)", text) or [""])[0]
    if kind == "NETWORK_CONNECTION":
        fault, remedy = (
            "the store does not answer",
            "check the network and AWS_ENDPOINT_URL, then run the command again",
        )
    elif kind == "NO_SUCH_BUCKET" or "NoSuchBucket" in text:
        fault, remedy = "the store has no such bucket", "make it, or name another with --runs"
    elif kind in ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH"):
        fault, remedy = (
            "the store refuses the key",
            "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy: a run lists, "
            "reads, writes and deletes",
        )
    else:
        fault, remedy = "the store failed", "see docs/storage.md, then run the command again"
    return StorageError(f"{where}: {fault} ({text}); expected a bucket that answers; {remedy}")
