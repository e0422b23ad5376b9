"""The address of a run, as a path of this machine or a place of an object store."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from reports.ledger.places.place import Place
from reports.ledger.places.store_errors import StorageError
from reports.ledger.places.store_place import StorePlace, address

if TYPE_CHECKING:
    from pyarrow import fs

_CONNECT_SECONDS = 5.0
_REQUEST_SECONDS = 10.0
"""Seconds without a byte moved after which a request has failed."""
_ATTEMPTS = 5
"""Attempts at a request, with doubled pauses: a store may be away for some 10 s."""


def place(location: str | os.PathLike[str] | Place) -> Place:
    """Return the place of an address: a path, ``file:///FOLDER`` or ``s3://BUCKET/PREFIX``.

    Nothing is read: ``storage.check_reachable`` asks the store.

    Raises:
        StorageError: the address is none of these, such as one that begins with ``s3:/`` and lacks
            a slash.
        TypeError: ``location`` is no text and no path.
    """
    if isinstance(location, Path | StorePlace):
        return location
    if not isinstance(location, str | os.PathLike):
        raise TypeError(f"no place: got {location!r}; expected a path, as text or pathlib.Path")
    text = os.fspath(location)
    if text.startswith("s3:/") and not text.startswith("s3://"):
        raise StorageError(
            f"{text} is a folder with the name 's3:'; did you mean s3://BUCKET/PREFIX?"
        )
    if "://" not in text:
        return Path(text)
    parts = urlsplit(text)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path:
        return Path(unquote(parts.path))
    _check_store_address(text, parts)
    # No key ends at a "#", and a space may be typed as it is.
    path, _, query = text.partition("://")[2].partition("?")
    return _store_place(address("s3", unquote(path)), query)


def _check_store_address(text: str, parts: SplitResult) -> None:
    """Refuse an address that is not one of an object store, or that holds a key."""
    if parts.scheme != "s3" or not parts.netloc:
        raise StorageError(
            f"{text} is no place for runs; expected a folder, file:///FOLDER or s3://BUCKET/PREFIX"
        )
    if "@" in parts.netloc:
        raise StorageError(
            f"s3://{parts.netloc.rpartition('@')[2]}: the address holds a key, which a run would "
            "record; expected s3://BUCKET/PREFIX; put the key into AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY or into ~/.aws/credentials"
        )


def _store_place(plain: str, query: str) -> StorePlace:
    from pyarrow import ArrowException, fs

    text = f"{plain}?{query}" if query else plain
    try:
        # Delayed opening turns the three requests of a small upload into one.
        joined = f"{text}{'&' if query else '?'}allow_delayed_open=true"
        filesystem, path = fs.FileSystem.from_uri(joined)
    except (ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise StorageError(
            f"{text} cannot be used ({first}); expected s3://BUCKET/PREFIX, after it at most "
            "?region=REGION or ?endpoint_override=HOST:PORT&scheme=http; see docs/storage.md"
        ) from error
    return StorePlace(_with_timeouts(filesystem), path.rstrip("/"), query=query)


def _with_timeouts(filesystem: "fs.FileSystem") -> "fs.S3FileSystem":
    """Return the file system with timeouts and attempts, for which an address has no options.

    Without them a request to a store that hangs never ends.
    """
    from pyarrow import fs

    reduced: Any = filesystem.__reduce__()
    options = reduced[1][0] | {
        "connect_timeout": _CONNECT_SECONDS,
        "request_timeout": _REQUEST_SECONDS,
        "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    }
    return fs.S3FileSystem(**options)
