"""Checkpoints that a fit resumes from bit for bit.

A file is written under a temporary name and renamed, so a kill leaves the old file or the new one.
It is read with torch's restricted loader: tensors and plain values only. Where a checkpoint cannot
be a file of this machine, any object that stores bytes may keep it (``CheckpointStore``).
"""

import io
import logging
import os
import shutil
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch

from sugrm.argument_checks import checked_path
from sugrm.errors import ArgumentError, CheckpointError
from sugrm.training.checkpoints.state_files import read_state

logger = logging.getLogger(__name__)

FILE_NAME = "last.pt"
"""The file that a fit resumes from: its last epoch, and the weights of its best epoch."""
BEST_FILE_NAME = "best.pt"
"""The model of a fit that has ended (``sugrm.load_trained``)."""


@runtime_checkable
class CheckpointStore(Protocol):
    """Keeps the files of one run by name."""

    def load(self, name: str) -> bytes | None:
        """Return what was last saved under a name; None if nothing was."""
        ...

    def save(self, name: str, content: bytes) -> None:
        """Store ``content`` under a name in place of earlier content, whole or not at all."""
        ...


Place = str | os.PathLike[str] | CheckpointStore
"""A folder of checkpoints on this machine, or a store that keeps them elsewhere."""


def checked_place(name: str, place: Place) -> Path | CheckpointStore:
    """Return the place of checkpoints: a path, which may not exist yet, or a store.

    Raises:
        ArgumentError: it is neither.
    """
    if isinstance(place, CheckpointStore):
        return place
    if isinstance(place, str) and "://" in place:
        raise ArgumentError(
            f"{name} is the address {place!r}; expected a path of this machine, or for an object "
            "store what search.checkpoint_at returns"
        )
    return checked_path(name, place)


def folder_of(place: Place) -> Path | CheckpointStore:
    """Return the folder of a fit's checkpoints, which may not exist yet, or the store.

    Raises:
        ArgumentError: it is neither, or a file.
    """
    checked = checked_place("checkpoint", place)
    if isinstance(checked, Path) and checked.exists() and not checked.is_dir():
        raise ArgumentError(
            f"checkpoint {checked} is a file; expected a folder, new or of this fit"
        )
    return checked


def save_checkpoint(
    folder: Path | CheckpointStore, state: dict[str, Any], *, name: str = FILE_NAME
) -> None:
    """Write ``state`` to a file of ``folder``, or to a store, whole or not at all.

    Raises:
        OSError: the file system refuses the file, or the parent of ``folder`` does not exist.
    """
    if not isinstance(folder, Path):
        content = io.BytesIO()
        torch.save(state, content)
        folder.save(name, content.getvalue())
        return
    folder.mkdir(exist_ok=True)
    _write(folder / name, state)


def _write(path: Path, state: dict[str, Any]) -> None:
    """Write ``state`` to a file, whole or not at all; a folder of its name is set aside."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(state, file)
        if path.is_dir():
            aside = _set_aside(path)
            logger.warning("%s is a folder; expected a file; set aside as %s", path, aside)
        temporary.replace(path)
    except RuntimeError as error:  # torch's error for a write that failed
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(folder: Path | CheckpointStore) -> dict[str, Any] | None:
    """Return the state in ``folder/last.pt`` or a store; None where no readable one exists.

    A file that cannot be read is set aside as ``last.pt.damaged`` with a warning; in a store it
    stays until the next checkpoint takes its place.
    """
    if not isinstance(folder, Path):
        return _from_store(folder)
    path = folder / FILE_NAME
    if not path.exists():
        return None
    try:
        return read_state(path)
    except CheckpointError as error:
        logger.warning(
            "checkpoint %s cannot be read (%s); set aside as %s, starting anew",
            path,
            error,
            _set_aside(path),
        )
        return None


def _set_aside(path: Path) -> str:
    """Rename a file or folder, replacing an older one of that name; return its new name."""
    damaged = path.with_name(f"{path.name}.damaged")
    if damaged.is_dir():
        shutil.rmtree(damaged)
    elif path.is_dir():
        damaged.unlink(missing_ok=True)
    path.replace(damaged)
    return damaged.name


def _from_store(store: CheckpointStore) -> dict[str, Any] | None:
    content = store.load(FILE_NAME)
    if content is None:
        return None
    try:
        return read_state(content)
    except CheckpointError as error:
        logger.warning("checkpoint %s cannot be read (%s); starting anew", store, error)
        return None
