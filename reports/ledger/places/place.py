"""The type of a file or folder of a run, local or in an object store.

universal_pathlib was weighed and not taken: it reads S3 over s3fs and aiobotocore, a second client
beside pyarrow's, which Parquet files are read with; it has neither its limits of time nor its
errors, and still needs whole files written and folders removed in two ways.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Protocol, Self


class Place(Protocol):
    """A file or folder of a run: a ``pathlib.Path`` or a ``StorePlace``.

    These are the methods of ``Path`` that a ledger uses. What a path does not offer (files that
    appear whole, for one) is in ``reports.ledger.places.storage``.
    """

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
        """Return the folder that contains this."""
        ...

    def __truediv__(self, name: str, /) -> Self:
        """Return the file or folder ``name`` in this folder."""
        ...

    def __lt__(self, other: Self, /) -> bool:
        """Sort by path."""
        ...

    def absolute(self) -> Self:
        """Return the place independent of the working directory."""
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
        """Return the files and folders in this folder."""
        ...

    def glob(self, pattern: str, /) -> Iterator[Self]:
        """Return the files of this folder (``*.parquet``) or of its folders (``*/name``)."""
        ...

    def read_bytes(self) -> bytes:
        """Return the content of this file."""
        ...

    def replace(self, target: Self, /) -> Self:
        """Move this file to ``target`` in the same file system or store."""
        ...

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove this file."""
        ...

    def mkdir(self, mode: int = 0o777, parents: bool = False, *, exist_ok: bool = False) -> None:
        """Make this folder."""
        ...
