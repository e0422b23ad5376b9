"""Files and folders of runs: local ones, and those of an object store (``s3://``).

A ``Place`` is a ``pathlib.Path`` or a ``StorePlace`` with the methods that both share. The
functions of this module do what a path does not offer; each asks the place itself, as ``Stored``.
pyarrow's file systems are imported on first use.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from reports.ledger.places.addresses import place
from reports.ledger.places.local_place import TEMPORARY, LocalPlace
from reports.ledger.places.place import Place
from reports.ledger.places.store_errors import StorageError
from reports.ledger.places.store_place import StorePlace

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "REPORT_OF_ALL",
    "TEMPORARY",
    "Place",
    "StorageError",
    "StorePlace",
    "check_reachable",
    "each",
    "in_object_store",
    "move",
    "open_stream",
    "parquet_source",
    "place",
    "remove_tree",
    "size_of",
    "whole_file",
    "write_whole",
]

T = TypeVar("T")

REPORT_OF_ALL = "report"
"""Name of the folder beside the runs for the report over all of them; no run may have it."""


class Stored(Protocol):
    """The operations that differ between a local file or folder and one of an object store."""

    @property
    def in_object_store(self) -> bool:
        """Return whether this is in an object store."""
        ...

    @property
    def readers(self) -> int:
        """Return how many files are read at a time."""
        ...

    @property
    def size(self) -> int | None:
        """Return the bytes of this file, None if a store was not asked for them."""
        ...

    def check_reachable(self) -> None:
        """Check that a store answers."""
        ...

    def whole_file(self) -> AbstractContextManager[Path]:
        """Yield a file to write, which becomes this one."""
        ...

    def put(self, content: bytes, /) -> None:
        """Write this file, whole or not at all."""
        ...

    def parquet_source(self) -> "AbstractContextManager[Path | pa.NativeFile]":
        """Yield what ``pyarrow.parquet`` opens."""
        ...

    def open_stream(self) -> AbstractContextManager[Any]:
        """Yield this file, open for reading bytes: a ``BinaryIO`` or pyarrow's ``NativeFile``."""
        ...

    def remove_tree(self) -> None:
        """Remove this folder and all its content."""
        ...


def in_object_store(where: Place) -> bool:
    """Return whether a place is in an object store, not on this machine."""
    return _stored(where).in_object_store


def check_reachable(runs: Place) -> None:
    """Check that the object store of ``runs`` answers and has the bucket.

    Raises:
        StorageError: it does not answer, refuses, or has no such bucket.
    """
    _stored(runs).check_reachable()


def whole_file(target: Place) -> AbstractContextManager[Path]:
    """Yield a file to write, which appears at ``target`` when the block ends without error."""
    return _stored(target).whole_file()


def write_whole(target: Place, content: bytes) -> None:
    """Write a file, whole or not at all."""
    _stored(target).put(content)


def size_of(source: Place) -> int | None:
    """Return the bytes of a file, None if a store was not asked for them.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return _stored(source).size


def parquet_source(source: Place) -> "AbstractContextManager[Path | pa.NativeFile]":
    """Yield what ``pyarrow.parquet`` opens.

    Raises:
        FileNotFoundError: there is no such file.
        StorageError: the store does not answer, which does not mean that the file is damaged.
    """
    return _stored(source).parquet_source()


def open_stream(source: Place) -> AbstractContextManager[Any]:
    """Yield a file that is open for reading; the errors are those of ``parquet_source``."""
    return _stored(source).open_stream()


def remove_tree(folder: Place) -> None:
    """Remove a folder and all its content, if there is one."""
    _stored(folder).remove_tree()


def move(source: Place, target: Place) -> None:
    """Move a file within its file system or store."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def each(read: Callable[[Place], T], places: Sequence[Place]) -> Iterator[T]:
    """Yield ``read`` of each place, in order; a store is asked for many places at a time."""
    readers = _stored(places[0]).readers if len(places) > 1 else 1
    if readers > 1:
        with ThreadPoolExecutor(readers) as pool:
            yield from pool.map(read, places)
    else:
        yield from map(read, places)


def _stored(where: Place) -> Stored:
    return where if isinstance(where, StorePlace) else LocalPlace(Path(str(where)))
