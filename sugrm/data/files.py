"""The files of a corpus, as a user names them, and their digest."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sugrm.argument_checks import checked_path
from sugrm.config.sections.data import PICKLE_ENDINGS
from sugrm.data.cache.fingerprint import FilesDigest, file_digest, joined_digest
from sugrm.data.reading.split_names import split_named
from sugrm.data.tables.folders import find_tables
from sugrm.errors import ArgumentError, DataError
from sugrm.types import Modality, Split

_ORDER = ""  # the name of no file

Files = Path | Mapping[Modality, Path]
"""A feature file or a table; or one file for each modality, the table under ``text``."""

Given = str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]]
"""The same as a caller may give it."""


def checked_files(given: Any, *, needs_table: bool = True) -> Files:  # noqa: ANN401 - any value
    """Return the files that a caller names.

    Args:
        given: whatever the caller gives.
        needs_table: whether files of single modalities need a table beside them.

    Raises:
        ArgumentError: they are no paths, or a key is no modality.
        DataError: there is no table, or a path names no ordinary file.
    """
    if not isinstance(given, Mapping):
        return _ordinary(checked_path("path", given).expanduser())
    unknown = [key for key in given if key not in list(Modality)]
    if unknown:
        raise ArgumentError(
            f"path names {unknown[0]!r}; expected {', '.join(Modality)} as the keys of files"
        )
    found = {
        modality: _ordinary(checked_path(modality, given[modality]).expanduser())
        for modality in Modality
        if modality in given
    }
    if Modality.TEXT not in found and (needs_table or not found):
        raise DataError(
            "no table of labels: audio and vision need the file text beside them, a table with "
            "id and label (text=PATH)"
        )
    return found


def name_of(files: Files) -> str:
    """Return the name of the feature file or the table, without its ending."""
    return (files[Modality.TEXT] if isinstance(files, Mapping) else files).stem


def digest_of(files: Files, cache: Path) -> FilesDigest:
    """Return the digest of all files; a cached one is not computed again.

    That of a folder follows from the names and the bytes of its pickles or tables, and from the
    order in which the tables are read.

    Raises:
        DataError: a file or a folder cannot be read, or a folder holds no tables.
    """
    if isinstance(files, Mapping):
        return joined_digest({modality: digest_of(path, cache) for modality, path in files.items()})
    if files.is_dir():
        return _folder_digest(files, cache)
    digest = file_digest(files, cache)
    return FilesDigest(digest.digest, (digest,))


def split_pickles(folder: Path, *, needs_all: bool = True) -> dict[Split, Path]:
    """Return the pickle of each split of a folder, as MISA and MMIM write them.

    Empty where ``folder`` is a file, or one that does not hold a pickle for each split.

    Args:
        folder: the folder.
        needs_all: whether a folder that lacks some of the splits counts as holding none.

    Raises:
        DataError: two pickles are the same split.
    """
    found: dict[Split, Path] = {}
    for path in _paths_in(folder):
        split = split_named(path.stem) if path.suffix in PICKLE_ENDINGS and path.is_file() else None
        if split in found:
            raise DataError(
                f"{folder}: {found[split].name} and {path.name} could both be the {split} split; "
                "keep one of them"
            )
        if split is not None:
            found[split] = path
    if needs_all and len(found) < len(Split):
        return {}
    return {split: found[split] for split in Split if split in found}


def _folder_digest(folder: Path, cache: Path) -> FilesDigest:
    pickles = list(split_pickles(folder).values())
    tables = {} if pickles else find_tables(folder).files
    parts = pickles or [path for paths in tables.values() for path in paths]
    digests = {path.relative_to(folder).as_posix(): digest_of(path, cache) for path in parts}
    # The usual order is not digested: a folder that is read as before keeps its digest.
    usual = [path for split in (None, *Split) for path in sorted(set(tables.get(split, ())))]
    if not pickles and parts != usual:
        order = "\0".join(path.relative_to(folder).as_posix() for path in parts)
        digests[_ORDER] = FilesDigest(hashlib.sha256(order.encode("utf-8")).hexdigest(), ())
    return joined_digest(digests)


def _paths_in(folder: Path) -> list[Path]:
    """Return what a folder holds, sorted; nothing where it is a file."""
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise _unreadable(folder, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"{path}: cannot read it ({error.strerror}); check the path and its rights")


def _ordinary(file: Path) -> Path:
    try:
        is_other = file.exists() and not (file.is_file() or file.is_dir())
    except OSError as error:
        raise _unreadable(file, error) from error
    if is_other:  # it may never end
        raise DataError(f"{file} is no ordinary file; expected a feature file: name a file")
    return file
