"""A folder that takes the place of an earlier one, whole or not at all."""

import ctypes
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HERE = -100  # AT_FDCWD: relative paths start at the working directory
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_MARK = 8  # characters that tell the temporary folders of two commands apart


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary folder, which takes the name of ``target`` when the block ends well.

    A command that is killed leaves the earlier folder or the new one, and maybe a temporary folder,
    which the next command removes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in _left_behind(target):
        shutil.rmtree(left, ignore_errors=True)
    unfinished = target.with_name(f".{target.name}-{uuid.uuid4().hex[:_MARK]}.tmp")
    unfinished.mkdir()
    try:
        yield unfinished
        put(unfinished, target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def put(new: Path, target: Path) -> None:
    """Give a folder the name ``target``; an earlier folder of that name gets the name of ``new``.

    Where the file system cannot swap two names at once, there is an instant without ``target``; the
    earlier folder then has the name of ``new`` with the ending ``.old``.
    """
    if not target.exists():
        new.rename(target)
    elif not _swap(new, target):
        aside = new.with_suffix(".old")
        target.rename(aside)
        try:
            new.rename(target)
        except OSError:
            aside.rename(target)
            raise
        aside.rename(new)


def _swap(first: Path, second: Path) -> bool:
    """Swap the names of two folders at once; return False where the system cannot do it."""
    paths = os.fsencode(first), os.fsencode(second)
    try:
        if sys.platform == "linux":
            swap = ctypes.CDLL(None).renameat2
            return bool(swap(_HERE, paths[0], _HERE, paths[1], _SWAP) == 0)
        if sys.platform == "darwin":
            return bool(ctypes.CDLL(None).renamex_np(*paths, _SWAP) == 0)
    except (OSError, AttributeError):  # an older C library has no such function
        pass
    return False


def _left_behind(target: Path) -> list[Path]:
    """Return the temporary folders that killed commands left beside ``target``."""
    mark = "?" * _MARK
    return [
        path
        for ending in (".tmp", ".old")
        for path in target.parent.glob(f".{target.name}-{mark}{ending}")
        # Without a target the earlier folder is all there is; it goes once the new one is there.
        if ending == ".tmp" or target.exists()
    ]
