"""A file or folder of an object store, with the methods of ``pathlib.Path`` that a ledger uses."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from reports.ledger.places.store_errors import StorageError, storage_errors

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import fs

_WHOLE_BYTES = 2**20  # a smaller object is read in one request instead of the three of Parquet


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A file or folder of an object store, with the operations of ``storage.Stored``.

    A store has no folders: one exists while it has content, and none is made. A file appears whole
    when its upload ends, and a listing that begins later shows it.

    Attributes:
        filesystem: the file system of pyarrow that reaches the store.
        path: the bucket and key, as in ``bucket/runs/mini``.
        scheme: the scheme of the address, ``s3``.
        query: the options of the address, as in ``endpoint_override=HOST:PORT&scheme=http``.
        size: the bytes of a file, None if no listing has returned them.
    """

    filesystem: "fs.FileSystem" = field(compare=False, repr=False)
    path: str
    _: KW_ONLY
    scheme: str = "s3"
    query: str = ""
    size: int | None = field(default=None, compare=False)

    in_object_store: ClassVar[bool] = True
    readers: ClassVar[int] = 16

    def __str__(self) -> str:
        """Return the address, from which ``place`` makes this again."""
        return address(self.scheme, self.path) + (f"?{self.query}" if self.query else "")

    def __lt__(self, other: "StorePlace") -> bool:
        """Sort by path."""
        return self.path < other.path

    def __truediv__(self, name: str) -> "StorePlace":
        """Return the file or folder ``name`` in this folder."""
        return self._at(f"{self.path}/{name}")

    @property
    def name(self) -> str:
        """Return the last part."""
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        """Return the last part without its ending."""
        return PurePosixPath(self.path).stem

    @property
    def parent(self) -> "StorePlace":
        """Return the folder that contains this."""
        return self._at(str(PurePosixPath(self.path).parent))

    def absolute(self) -> "StorePlace":
        """Return the place itself."""
        return self

    def relative_to(self, other: "StorePlace") -> PurePosixPath:
        """Return the path below the folder ``other``."""
        return PurePosixPath(self.path).relative_to(other.path)

    def exists(self) -> bool:
        """Return whether there is a file or a folder."""
        return self._info().is_file or self.is_dir()

    def is_dir(self) -> bool:
        """Return whether the folder has content; an emptied one may keep a marker."""
        return next(self.iterdir(), None) is not None

    def is_file(self) -> bool:
        """Return whether there is a file."""
        return bool(self._info().is_file)

    def modified_at(self) -> datetime | None:
        """Return when the file was written, by the store's clock; None if there is none."""
        info = self._info()
        return info.mtime if info.is_file else None

    def iterdir(self) -> Iterator["StorePlace"]:
        """Return the files and folders in this folder."""
        return iter([self._at(info.path, info.size) for info in self._listed()])

    def glob(self, pattern: str) -> Iterator["StorePlace"]:
        """Return the files that match ``*ENDING``, or ``*/NAME`` in the folders of this one."""
        if pattern.startswith("*/"):
            folders = [self._at(info.path) for info in self._listed() if not info.is_file]
            named = (folder / pattern[2:] for folder in folders)
            return iter([place for place in named if place.is_file()])
        ending = pattern.removeprefix("*")
        found = [info for info in self._listed() if info.is_file and info.path.endswith(ending)]
        return iter([self._at(info.path, info.size) for info in found])

    def read_bytes(self) -> bytes:
        """Return the content of this file.

        Raises:
            FileNotFoundError: there is none.
        """
        with storage_errors(self), self.filesystem.open_input_stream(self.path) as stream:
            content: bytes = stream.read()
        return content

    @contextmanager
    def parquet_source(self) -> Iterator["pa.NativeFile"]:
        """Yield this file for pyarrow: a small one read whole, another read in pieces.

        Raises:
            FileNotFoundError: there is no such file.
            StorageError: the store does not answer, which does not mean that the file is damaged.
        """
        import pyarrow as pa

        if self.size is not None and self.size <= _WHOLE_BYTES:
            yield pa.BufferReader(self.read_bytes())
            return
        with storage_errors(self), self.filesystem.open_input_file(self.path) as file:
            yield file

    open_stream = parquet_source

    @contextmanager
    def whole_file(self) -> Iterator[Path]:
        """Yield a local file, which is uploaded when the block ends without error."""
        with tempfile.TemporaryDirectory(prefix="sugrm-") as folder:
            file = Path(folder) / self.name
            yield file
            self._upload(file)

    def put(self, content: "bytes | pa.Buffer") -> None:
        """Write this file in one request, so it appears whole or not at all."""
        with storage_errors(self), self.filesystem.open_output_stream(self.path) as stream:
            stream.write(content)

    def replace(self, target: "StorePlace") -> "StorePlace":
        """Move this file to ``target`` in the same store."""
        with storage_errors(self):
            self.filesystem.move(self.path, target.path)
        return target

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove this file."""
        with suppress(*((FileNotFoundError,) if missing_ok else ())), storage_errors(self):
            self.filesystem.delete_file(self.path)

    def mkdir(self, mode: int = 0o777, parents: bool = False, *, exist_ok: bool = False) -> None:
        """Do nothing: writing a file makes its folders."""

    def remove_tree(self) -> None:
        """Remove this folder and all its content, if there is one."""
        with suppress(FileNotFoundError), storage_errors(self):
            self.filesystem.delete_dir(self.path)

    def check_reachable(self) -> None:
        """Ask the store for the bucket and for a listing of this folder.

        Raises:
            StorageError: the store does not answer, refuses, or has no such bucket.
        """
        bucket = self.path.partition("/")[0]
        with storage_errors(self):
            missing = not self.filesystem.get_file_info(bucket).type
        next(self.iterdir(), None)  # a key may permit to ask for the bucket, not to list it
        if missing:
            raise StorageError(
                f"{self}: the store has no bucket {bucket!r}; expected one that exists; make it "
                f"(aws s3 mb s3://{bucket}), or name another with --runs"
            )

    def _at(self, path: str, size: int | None = None) -> "StorePlace":
        return StorePlace(self.filesystem, path, scheme=self.scheme, query=self.query, size=size)

    def _info(self) -> "fs.FileInfo":
        with storage_errors(self):
            info: fs.FileInfo = self.filesystem.get_file_info(self.path)
        return info

    def _listed(self) -> "list[fs.FileInfo]":
        from pyarrow import fs

        with storage_errors(self):
            selector = fs.FileSelector(self.path, allow_not_found=True)
            found: list[fs.FileInfo] = self.filesystem.get_file_info(selector)
        return found

    def _upload(self, file: Path) -> None:
        import pyarrow as pa

        if not file.stat().st_size:  # an empty file cannot be mapped
            self.put(b"")
            return
        with pa.memory_map(str(file)) as mapped:
            self.put(mapped.read_buffer())


def address(scheme: str, path: str) -> str:
    """Return the URI of a bucket and key; a space becomes ``%20``."""
    return f"{scheme}://{quote(path, safe='/=+,@:')}"
