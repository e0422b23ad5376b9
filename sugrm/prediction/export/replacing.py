"""A folder that appears whole or not at all, in place of an earlier one where that is asked for."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sugrm.errors import ModelFolderError
from sugrm.prediction.description import CONFIG_FILE, MODEL_TYPE
from sugrm.prediction.opening import model_type_of


def check_target(folder: Path, *, force: bool) -> None:
    """Raise an error where a folder must not be written.

    Args:
        folder: the folder to write.
        force: whether an earlier model folder is replaced.

    Raises:
        ModelFolderError: something else is there, or a model folder without ``force``.
    """
    if not folder.name:
        raise ModelFolderError(
            f"{folder} has no name, under which the whole folder could be put there; expected the "
            "path of a new folder: name one"
        )
    if not folder.exists() and not folder.is_symlink():
        return
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if is_empty:
        return
    if not folder.is_dir() or model_type_of(folder) != MODEL_TYPE:
        kind = "a folder with other files" if folder.is_dir() else "a file"
        raise ModelFolderError(
            f"{folder} is {kind}, not an exported model; expected a path where nothing is yet: "
            "name another one"
        )
    if not force:
        raise ModelFolderError(
            f"{folder} holds an exported model already ({CONFIG_FILE}); name another folder, or "
            "replace it with --force"
        )
    if (folder / ".git").exists():
        raise ModelFolderError(
            f"{folder} is a repository of Git, whose history would be removed with it; name "
            "another folder, and copy its files into the repository"
        )


@contextmanager
def new_folder(folder: Path, *, force: bool) -> Iterator[Path]:
    """Yield a temporary folder, which takes the name of ``folder`` when the block ends well.

    Args:
        folder: the folder to write; it is checked first (``check_target``).
        force: whether an earlier model folder is replaced.

    Raises:
        ModelFolderError: see ``check_target``.
    """
    check_target(folder, force=force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    unfinished = folder.with_name(f".{folder.name}-{mark}.tmp")
    unfinished.mkdir()
    try:
        yield unfinished
        _put(unfinished, folder, aside=folder.with_name(f".{folder.name}-{mark}.old"))
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _put(unfinished: Path, folder: Path, *, aside: Path) -> None:
    """Rename a folder to its final name; an earlier one goes only when the new one is there."""
    if folder.exists():
        folder.rename(aside)
    try:
        unfinished.rename(folder)
    except OSError:
        if aside.exists():
            aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)
