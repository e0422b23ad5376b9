"""Checkpoints that a fit resumes from bit for bit.

A file is written beside its place and renamed, so a kill leaves the old one or the new one. It is
read with torch's restricted loader: tensors and plain values only. Where a checkpoint cannot be a
file of this machine, any object serves that keeps bytes whole.
"""

import io
import logging
import os
from pathlib import Path
from typing import Any, Protocol

import torch

logger = logging.getLogger(__name__)

FILE_NAME = "last.pt"


class CheckpointStore(Protocol):
    """Keeps the newest checkpoint of one run."""

    def load(self) -> bytes | None:
        """Return what was saved last, None if nothing was."""
        ...

    def save(self, content: bytes) -> None:
        """Keep ``content`` in place of what was saved before, whole or not at all."""
        ...


def save_checkpoint(folder: Path | CheckpointStore, state: dict[str, Any]) -> None:
    """Write ``state`` to ``folder/last.pt``, or to a store, whole or not at all."""
    if not isinstance(folder, Path):
        content = io.BytesIO()
        torch.save(state, content)
        folder.save(content.getvalue())
        return
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{FILE_NAME}.{os.getpid()}.tmp"
    try:
        torch.save(state, temporary)
        temporary.replace(folder / FILE_NAME)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(folder: Path | CheckpointStore) -> dict[str, Any] | None:
    """Return the state in ``folder/last.pt`` or a store; None where there is none to be read.

    A file that cannot be read is set aside as ``last.pt.damaged`` with a warning; in a store it
    stays until the next checkpoint takes its place.
    """
    if not isinstance(folder, Path):
        return _from_store(folder)
    path = folder / FILE_NAME
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a cut or foreign file
        damaged = path.with_name(f"{FILE_NAME}.damaged")
        path.replace(damaged)
        logger.warning("checkpoint %s cannot be read (%s); set aside, starting anew", path, error)
        return None
    return state


def _from_store(store: CheckpointStore) -> dict[str, Any] | None:
    content = store.load()
    if content is None:
        return None
    try:
        state: dict[str, Any] = torch.load(
            io.BytesIO(content), map_location="cpu", weights_only=True
        )
    except Exception as error:  # as above
        logger.warning("checkpoint %s cannot be read (%s); starting anew", store, error)
        return None
    return state
