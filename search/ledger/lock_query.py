"""Ask whether a process holds a lock file, without creating the file or taking the lock alone.

``filelock`` locks files for one process only, so a question asked with it fails twice: two readers
that ask at once would take each other for a run, and NFS grants such a lock only on a file that is
open for writing, which a reader of another user's run cannot do. A shared ``flock`` has neither
fault. Windows has no ``fcntl``; there the question takes the lock for a moment.
"""

import os
import sys
from pathlib import Path

from filelock import lock_descriptor

if sys.platform != "win32":
    import fcntl

PAUSES = (0.0, 0.05, 0.2)
"""Seconds before each attempt at a lock: ``is_file_locked`` shares it for an instant as it asks."""


def is_file_locked(file: Path) -> bool:
    """Return whether a process holds the lock on ``file``; False where there is no such file."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _can_share(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)  # releases the lock


def _can_share(descriptor: int) -> bool:
    if sys.platform == "win32":
        return lock_descriptor(descriptor, blocking=False)
    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return True
