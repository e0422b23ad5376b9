"""A private folder for the temporary files of Ray and Tune.

Ray makes its own folders writable for everyone and keeps Unix sockets in them; Tune reads its own
pickles back. So both get a folder that only this user may enter. The path of a Unix socket is short
(107 bytes), so the folder is in the user's folder for temporary files only if that path is short
enough.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from search.errors import SearchError

PREFIX = "sugrm-run-"
MOST_BYTES = 34
"""The most bytes of the folder's path: Ray adds up to 69, and macOS allows 103 for a socket."""
_VARIABLES = ("RAY_TMPDIR", "TMPDIR")
_SHORT = ("/tmp", "/var/tmp")
_RANDOM_BYTES = 8  # that mkdtemp adds to a name
_JUST_MADE_SECONDS = 60.0


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a new folder that only this user may enter (mode 0700); remove it at the end.

    It also removes such folders of this user's runs that were killed.

    Raises:
        SearchError: no folder for temporary files can be used.
    """
    parent = _parent()
    _remove_left_behind(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    descriptor = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def _parent() -> Path:
    """Return the folder for temporary files, or a usual one if its path is too long for sockets."""
    for name in _VARIABLES:
        value = os.environ.get(name)
        if value and not _is_usable(Path(value)):
            raise SearchError(
                f"{name} is {value}, where nothing can be written; expected a folder for "
                f"temporary files; make it, or unset {name}"
            )
    named = [value for value in map(os.environ.get, _VARIABLES) if value]
    for parent in (*(Path(value).absolute() for value in named), *map(Path, _SHORT)):
        length = len(os.fsencode(parent / PREFIX)) + _RANDOM_BYTES
        if length <= MOST_BYTES and _is_usable(parent):
            return parent
    most = MOST_BYTES - _RANDOM_BYTES - len(PREFIX) - 1
    raise SearchError(
        f"no folder for temporary files has a short path ({', '.join((*named, *_SHORT))}); "
        f"expected one of at most {most} bytes that can be written, for Ray's sockets; name it "
        "with RAY_TMPDIR"
    )


def _is_usable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _lock(folder: Path) -> int | None:
    """Lock a folder until the descriptor is closed or this process dies; None if that fails."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_left_behind(parent: Path) -> None:
    """Remove this user's folders that no process has locked."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            is_new = time.time() - found.st_mtime < _JUST_MADE_SECONDS  # not locked yet
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or is_new:
                continue
            descriptor = _lock(folder)
            if descriptor is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)
