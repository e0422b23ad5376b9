"""A file or folder of an object store, with the methods of ``pathlib.Path`` that a ledger uses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reports.errors import ReportError

if TYPE_CHECKING:
    from pyarrow import fs

_STORE_ERROR = "AWS Error"


class StorageError(ReportError):
    """An object store does not do what a run needs; the message names the place and what helps."""


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A file or folder of an object store.

    There are no folders in one: a folder is there while something lies in it, and none is made.
    A file appears whole when its upload ends, and a listing that begins later shows it.

    Attributes:
        filesystem: of pyarrow.
        path: bucket and key.
        scheme: of the address.
        query: of the address, as in ``endpoint_override=HOST:PORT&scheme=http``.
        size: bytes of a file that a listing has shown.
    """

    filesystem: "fs.FileSystem" = field(compare=False, repr=False)
    path: str
    scheme: str = "s3"
    query: str = ""
    size: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Return the address, from which ``place`` makes this again."""
        return address(self.scheme, self.path) + (f"?{self.query}" if self.query else "")

    def __lt__(self, other: "StorePlace") -> bool:
        """Sort by path."""
        return self.path < other.path

    def __truediv__(self, name: str) -> "StorePlace":
        """Return what is called ``name`` in this folder."""
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
        """Return the folder that holds this."""
        return self._at(str(PurePosixPath(self.path).parent))

    def with_name(self, name: str) -> "StorePlace":
        """Return a neighbour."""
        return self.parent / name

    def absolute(self) -> "StorePlace":
        """Return the place itself."""
        return self

    def relative_to(self, other: "StorePlace") -> PurePosixPath:
        """Return the path below the folder ``other``."""
        return PurePosixPath(self.path).relative_to(other.path)

    def exists(self) -> bool:
        """Return whether there is a file, or something in the folder."""
        return self._info().is_file or self.is_dir()

    def is_dir(self) -> bool:
        """Return whether something lies in the folder; emptied ones may keep a marker."""
        return next(self.iterdir(), None) is not None

    def is_file(self) -> bool:
        """Return whether there is a file."""
        return bool(self._info().is_file)

    def modified_at(self) -> datetime | None:
        """Return when the file was written, by the store's clock; None where there is none."""
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
        with self.told(), self.filesystem.open_input_stream(self.path) as stream:
            content: bytes = stream.read()
        return content

    def put(self, content: Any) -> None:  # noqa: ANN401 - bytes or a buffer
        """Write this file; the whole content is one write, so none of it shows before all does."""
        with self.told(), self.filesystem.open_output_stream(self.path) as stream:
            stream.write(content)

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove this file."""
        with suppress(*((FileNotFoundError,) if missing_ok else ())), self.told():
            self.filesystem.delete_file(self.path)

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Do nothing: whatever is written makes its folders."""

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn an error of the store into one for the user; a missing or damaged file is none."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            if _STORE_ERROR not in str(error):
                raise
            raise _store_error(self, error) from error

    def _at(self, path: str, size: int | None = None) -> "StorePlace":
        return StorePlace(self.filesystem, path, self.scheme, self.query, size)

    def _info(self) -> "fs.FileInfo":
        with self.told():
            info: fs.FileInfo = self.filesystem.get_file_info(self.path)
        return info

    def _listed(self) -> "list[fs.FileInfo]":
        from pyarrow import fs

        with self.told():
            selector = fs.FileSelector(self.path, allow_not_found=True)
            found: list[fs.FileInfo] = self.filesystem.get_file_info(selector)
        return found


def address(scheme: str, path: str) -> str:
    """Return a bucket and key as a URI, in which a space is ``%20``."""
    return f"{scheme}://{quote(path, safe='/=+,@:')}"


def _store_error(where: StorePlace, error: OSError) -> StorageError:
    text = str(error).splitlines()[0]
    kind = (re.findall(r"AWS Error (\w+)", text) or [""])[0]
    if kind == "NETWORK_CONNECTION":
        said, helps = (
            "the store does not answer",
            "check the network and AWS_ENDPOINT_URL, then run the command again",
        )
    elif kind == "NO_SUCH_BUCKET" or "NoSuchBucket" in text:
        said, helps = "the store has no such bucket", "make it, or name another with --runs"
    elif kind in ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH"):
        said, helps = (
            "the store refuses the key",
            "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy: a run lists, "
            "reads, writes and deletes",
        )
    else:
        said, helps = "the store failed", "see docs/storage.md, then run the command again"
    return StorageError(f"{where}: {said} ({text}); expected a bucket that answers; {helps}")
