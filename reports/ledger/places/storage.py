"""Where runs lie: a folder of this machine, or a prefix of an object store (``s3://``).

A ``Place`` is what the ledger needs of either. ``pathlib.Path`` is one as it stands, so a local run
is read and written as any file; ``StorePlace`` is the other one, over ``pyarrow.fs``. This module
is the only part of reports, beside the schema, that ``search`` imports: both sides have to agree
on where a run lies and on what went wrong there. pyarrow's file systems are imported on first use.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import unquote, urlsplit

from reports.ledger.places.store_place import StorageError, StorePlace
from reports.ledger.places.store_place import address as address_of

__all__ = [
    "REPORT_OF_ALL",
    "TEMPORARY",
    "Place",
    "StorageError",
    "StorePlace",
    "check_reachable",
    "each",
    "move",
    "place",
    "readable",
    "remove_tree",
    "whole_file",
    "write_whole",
]

T = TypeVar("T")

REPORT_OF_ALL = "report"
"""Beside the runs: the folder of the report that they fill together; no run has its name."""
TEMPORARY = ".tmp"
"""Ending of a file that is being written; what has it after a kill is nothing."""
_READERS = 16
_CONNECT_SECONDS = 5.0
_REQUEST_SECONDS = 10.0
"""After which a request that moves no byte has failed."""
_ATTEMPTS = 5
"""At a request, with doubled pauses: a store that is away for some 10 s is waited for."""
_WHOLE_BYTES = 2**20  # a smaller object is read in one request instead of the three of Parquet


class Place(Protocol):
    """A file or folder of a run; ``pathlib.Path`` has all of this."""

    @property
    def name(self) -> str:
        """Return the last part."""
        ...

    @property
    def stem(self) -> str:
        """Return the last part without its ending."""
        ...

    @property
    def parent(self) -> Self:
        """Return the folder that holds this."""
        ...

    def __truediv__(self, name: str, /) -> Self:
        """Return what is called ``name`` in this folder."""
        ...

    def __lt__(self, other: Self, /) -> bool:
        """Sort by path."""
        ...

    def with_name(self, name: str, /) -> Self:
        """Return a neighbour."""
        ...

    def absolute(self) -> Self:
        """Return the place, whatever the working directory."""
        ...

    def relative_to(self, other: Self, /) -> PurePath:
        """Return the path below the folder ``other``."""
        ...

    def exists(self) -> bool:
        """Return whether there is a file or folder."""
        ...

    def is_dir(self) -> bool:
        """Return whether there is a folder."""
        ...

    def is_file(self) -> bool:
        """Return whether there is a file."""
        ...

    def iterdir(self) -> Iterator[Self]:
        """Return what lies in this folder."""
        ...

    def glob(self, pattern: str, /) -> Iterator[Self]:
        """Return the files of this folder (``*.parquet``) or of its folders (``*/name``)."""
        ...

    def read_bytes(self) -> bytes:
        """Return the content of this file."""
        ...

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove this file."""
        ...

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make this folder."""
        ...


def place(address: str | os.PathLike[str] | Place) -> Place:
    """Return the place of an address: a path, ``file:///FOLDER`` or ``s3://BUCKET/PREFIX``.

    Nothing is read; see ``check_reachable``.

    Raises:
        StorageError: the address is none of these.
    """
    if isinstance(address, Path | StorePlace):
        return address
    text = os.fspath(address) if isinstance(address, os.PathLike) else str(address)
    if "://" not in text:
        return Path(text)
    parts = urlsplit(text)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path:
        return Path(unquote(parts.path))
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
    # No key ends at a "#", and a space may be typed as it is.
    path, _, query = text.partition("://")[2].partition("?")
    return _store_place(address_of("s3", unquote(path)), query)


def check_reachable(runs: Place) -> None:
    """Ask an object store for the bucket of ``runs``, so that all else may rely on it.

    Raises:
        StorageError: it does not answer, refuses, or has no such bucket.
    """
    if not isinstance(runs, StorePlace):
        return
    bucket = runs.path.partition("/")[0]
    with runs.told():
        missing = not runs.filesystem.get_file_info(bucket).type
        next(runs.iterdir(), None)  # a key may be allowed to ask for the bucket, not to list it
    if missing:
        raise StorageError(
            f"{runs}: the store has no bucket {bucket!r}; expected one that exists; make it (aws "
            f"s3 mb s3://{bucket}), or name another with --runs"
        )


@contextmanager
def whole_file(target: Place) -> Iterator[Path]:
    """Yield a file to be written, which appears at ``target`` when the block ends without error."""
    if not isinstance(target, Path):
        with tempfile.TemporaryDirectory(prefix="sugrm-") as folder:
            file = Path(folder) / target.name
            yield file
            _upload(file, target)
        return
    file = target.with_name(f"{target.name}.{os.getpid()}{TEMPORARY}")
    try:
        yield file
        os.replace(file, target)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def write_whole(target: Place, content: bytes) -> None:
    """Write a file, whole or not at all."""
    if isinstance(target, StorePlace):
        target.put(content)
        return
    with whole_file(target) as file:
        file.write_bytes(content)


@contextmanager
def readable(source: Place) -> Iterator[Any]:
    """Yield what ``pyarrow.parquet`` can open.

    Raises:
        FileNotFoundError: there is no such file.
        StorageError: the store does not answer; that is not to be taken for a damaged file.
    """
    if not isinstance(source, StorePlace):
        yield source
        return
    import pyarrow as pa

    if source.size is not None and source.size <= _WHOLE_BYTES:
        yield pa.BufferReader(source.read_bytes())
        return
    with source.told(), source.filesystem.open_input_file(source.path) as file:
        yield file


def remove_tree(folder: Place) -> None:
    """Remove a folder with all that lies in it, where there is one."""
    if isinstance(folder, StorePlace):
        with suppress(FileNotFoundError), folder.told():
            folder.filesystem.delete_dir(folder.path)
    else:
        shutil.rmtree(str(folder), ignore_errors=True)


def move(source: Place, target: Place) -> None:
    """Move a file within its file system."""
    if isinstance(source, StorePlace) and isinstance(target, StorePlace):
        with source.told():
            source.filesystem.move(source.path, target.path)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(str(source), str(target))


def each(read: Callable[[Place], T], places: Sequence[Place]) -> Iterator[T]:
    """Yield ``read`` of each place, in order; those of a store are asked many at a time."""
    if len(places) > 1 and isinstance(places[0], StorePlace):
        with ThreadPoolExecutor(_READERS) as readers:
            yield from readers.map(read, places)
    else:
        yield from map(read, places)


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
    # An address cannot say these. Without them a store that hangs is waited for without end.
    reduced: Any = filesystem.__reduce__()
    patient = reduced[1][0] | {
        "connect_timeout": _CONNECT_SECONDS,
        "request_timeout": _REQUEST_SECONDS,
        "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    }
    return StorePlace(fs.S3FileSystem(**patient), path.rstrip("/"), "s3", query)


def _upload(file: Path, target: Place) -> None:
    import pyarrow as pa

    assert isinstance(target, StorePlace)
    if not file.stat().st_size:  # nothing can be mapped
        target.put(b"")
        return
    with pa.memory_map(str(file)) as mapped:
        target.put(mapped.read_buffer())
