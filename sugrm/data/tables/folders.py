"""Folders of tables: as Hugging Face's datasets save them, or with a table for each split.

``Dataset.save_to_disk`` writes ``state.json``, which names the Arrow files of one table.
``DatasetDict.save_to_disk`` writes ``dataset_dict.json`` and such a folder for each split. Other
folders hold ``train.csv``, ``dev.csv`` and ``test.csv``, or several files a split as
``train-00000-of-00002.parquet``.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sugrm.data.reading.opening import Kind, kind_of
from sugrm.data.reading.problems import shown_keys
from sugrm.data.reading.split_names import split_named
from sugrm.errors import DataError
from sugrm.types import Split

TABLE_KINDS = (Kind.CSV, Kind.JSON, Kind.PARQUET, Kind.ARROW)
"""Kinds of files that hold a table."""

DICT_FILE, STATE_FILE = "dataset_dict.json", "state.json"
_HIDDEN = (".", "_")
_MOST_STATE = 2**24  # bytes of a JSON file beside the tables
_SHARD = re.compile(r"(?P<split>[a-z]+)(-\d+-of-\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The files of one or several tables.

    Attributes:
        files: split -> its files; None -> the files of a table that holds all splits.
        layout: name of the layout, as messages show it.
        ignored: splits of the folder that are none of train, valid and test.
    """

    files: dict[Split | None, list[Path]]
    layout: str
    ignored: tuple[str, ...] = ()


def find_tables(folder: Path, *, needs_all: bool = True) -> TableFiles:
    """Return the files of the tables in a folder.

    Args:
        folder: the folder.
        needs_all: whether it must hold a table for each split.

    Raises:
        DataError: the folder holds no tables, or it is unclear which.
    """
    try:
        if (folder / DICT_FILE).is_file():
            return _dataset_dict(folder, needs_all=needs_all)
        if (folder / STATE_FILE).is_file():
            return TableFiles(files={None: _state_files(folder)}, layout="Hugging Face Dataset")
        return _by_name(folder, needs_all=needs_all)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot read the folder ({error.strerror}); check the path"
        ) from error


def _dataset_dict(folder: Path, *, needs_all: bool) -> TableFiles:
    names = _strings(_json(folder / DICT_FILE).get("splits"), folder / DICT_FILE)
    files: dict[Split | None, list[Path]] = {}
    ignored = []
    for name in names:
        split = split_named(name)
        if split is None:
            ignored.append(name)
        elif split in files:
            raise DataError(f"{folder}: two splits are the {split} split; remove one of them")
        else:
            files[split] = _state_files(folder / name)
    if needs_all or not files:
        _check_splits(files, folder, names=names)
    return TableFiles(files=files, layout="Hugging Face DatasetDict", ignored=tuple(ignored))


def _state_files(folder: Path) -> list[Path]:
    state = folder / STATE_FILE
    found = _json(state)
    if found.get("_indices_data_files"):
        raise DataError(
            f"{folder}: the dataset has an indices mapping; save it with flatten_indices() first"
        )
    entries = found.get("_data_files")
    entries = entries if isinstance(entries, list) else []
    names = _strings([each.get("filename") for each in entries if isinstance(each, dict)], state)
    return [folder / name for name in names]


def _strings(value: object, file: Path) -> list[str]:
    """Return names of files inside the folder of ``file``."""
    given = value if isinstance(value, list) else []
    names = [name for name in given if isinstance(name, str) and name == Path(name).name]
    if not names or len(names) != len(given) or ".." in names:
        raise DataError(
            f"{file}: not as datasets writes it, no list of names; save the dataset again with "
            "save_to_disk"
        )
    return names


def _json(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as source:
            found = json.loads(source.read(_MOST_STATE))
    except FileNotFoundError:
        found = None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise DataError(
            f"{file}: not as datasets writes it; save the dataset again with save_to_disk"
        )
    return found


def _by_name(folder: Path, *, needs_all: bool) -> TableFiles:
    files: dict[Split | None, list[Path]] = {}
    here = sorted(path for path in folder.iterdir() if not path.name.startswith(_HIDDEN))
    for path in here:
        match = _SHARD.fullmatch(path.name.partition(".")[0])
        split = split_named(match["split"]) if match else None
        if split is not None and path.is_file() and kind_of(path) in TABLE_KINDS:
            files.setdefault(split, []).append(path)
    for split, found in files.items():
        if len(found) > 1 and not all("-of-" in path.name for path in found):
            names = shown_keys(path.name for path in found)
            raise DataError(f"{folder}: {names} could all be the {split} split; keep one of them")
    if needs_all or not files:
        _check_splits(files, folder, names=[path.name for path in here])
    ordered: dict[Split | None, list[Path]] = {s: files[s] for s in Split if s in files}
    return TableFiles(files=ordered, layout="folder of tables")


def _check_splits(files: Iterable[Split | None], folder: Path, *, names: Sequence[str]) -> None:
    missing = [split for split in Split if split not in set(files)]
    if missing:
        raise DataError(
            f"{folder}: this folder has no table for {', '.join(missing)}, only "
            f"{shown_keys(names) or 'nothing'}; expected a table for each split (train.csv, "
            "valid.csv, test.csv) or a dataset of save_to_disk: name the file itself, or add the "
            "split"
        )
