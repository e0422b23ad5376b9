"""Reading an npz archive of numbers, within the memory that its size allows."""

import math
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from sugrm.errors import DataError

_FACTOR, _SLACK = 20, 2**28  # an archive of n bytes unpacks to at most _FACTOR * n + _SLACK bytes
_SUFFIX = ".npy"
_ADVICE = "write it with numpy.savez, an array of numbers [T, D] for each utterance"


def read_archive(path: Path) -> Mapping[str, npt.NDArray[Any]]:
    """Return name -> array; arrays of objects are rejected, and nothing in them is executed.

    Raises:
        DataError: the archive is damaged, unpacks to far more than its size, holds objects, or has
            two entries of one name.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_size(path, sum(entry.file_size for entry in entries))
            _check_names(path, [entry.filename.removesuffix(_SUFFIX) for entry in entries])
            return {
                entry.filename.removesuffix(_SUFFIX): _array(path, archive, entry=entry)
                for entry in entries
            }
    except DataError:
        raise
    except Exception as error:  # a damaged archive raises almost any class
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise DataError(f"{path}: not a whole npz archive ({said[:200]}); {_ADVICE}") from error


def _check_size(path: Path, unpacked: int) -> None:
    size = path.stat().st_size
    if unpacked > _FACTOR * size + _SLACK:
        raise DataError(
            f"{path}: the archive of {size} bytes unpacks to {unpacked}; expected at most "
            f"{_FACTOR} times its size: write it with numpy.savez, which does not compress"
        )


def _check_names(path: Path, names: Sequence[str]) -> None:
    name, count = max(Counter(names).items(), key=itemgetter(1), default=("", 0))
    if count > 1:
        raise DataError(
            f"{path}: {count} entries have the name {name[:80]!r}; expected a name of its own for "
            f"each utterance: {_ADVICE}"
        )


def _array(path: Path, archive: zipfile.ZipFile, *, entry: zipfile.ZipInfo) -> npt.NDArray[Any]:
    with archive.open(entry) as file:
        shape, dtype = _header(file)
    if dtype.hasobject:
        raise DataError(
            f"{path}: {entry.filename[:80]} is an array of objects, which are not read: {_ADVICE}"
        )
    if math.prod(shape) * dtype.itemsize > entry.file_size:
        raise DataError(f"{path}: {entry.filename[:80]} is cut off; write the archive again")
    with archive.open(entry) as file:
        array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and type of an array, before memory is taken for it."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    else:
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    return shape, dtype
