"""What ``pathlib.Path`` does not offer and a run needs of a file or folder of this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

TEMPORARY = ".tmp"
"""Ending of a file that is being written; after a kill such a file is ignored."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A file or folder of this machine, with the operations of ``storage.Stored``."""

    path: Path

    in_object_store = False
    readers = 1

    @property
    def size(self) -> int:
        """Return the bytes of this file.

        Raises:
            FileNotFoundError: there is no such file.
        """
        return self.path.stat().st_size

    def check_reachable(self) -> None:
        """Do nothing: a run makes its folders."""

    @contextmanager
    def whole_file(self) -> Iterator[Path]:
        """Yield a temporary file beside this one, which takes its place when the block ends."""
        file = self.path.with_name(f"{self.path.name}.{os.getpid()}{TEMPORARY}")
        try:
            yield file
            os.replace(file, self.path)
        except BaseException:
            file.unlink(missing_ok=True)
            raise

    def put(self, content: bytes) -> None:
        """Write this file, whole or not at all."""
        with self.whole_file() as file:
            file.write_bytes(content)

    @contextmanager
    def parquet_source(self) -> Iterator[Path]:
        """Yield the path, which pyarrow opens itself."""
        yield self.path

    @contextmanager
    def open_stream(self) -> Iterator[BinaryIO]:
        """Yield this file, open for reading."""
        with self.path.open("rb") as stream:
            yield stream

    def remove_tree(self) -> None:
        """Remove this folder and all its content, if there is one."""
        shutil.rmtree(self.path, ignore_errors=True)
