"""The file of an Optuna journal that one process writes and others read."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

_LOCK_SECONDS = 3  # after which the lock of a process that was killed is removed; Optuna waits 30


class JournalFile(JournalFileBackend):
    """A journal file that is appended to without waiting for the disk.

    Optuna waits for the disk after each line, which takes milliseconds. Here the ledger has every
    result: what a machine that lost its power has not written is sent again.

    Args:
        path: the file; it is made where there is none.

    Raises:
        ValueError: the last line of the file is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._size = path, 0
        self._file_lock = JournalFileOpenLock(str(path), grace_period=_LOCK_SECONDS)
        super().__init__(str(path), lock_obj=self._file_lock)
        content = path.read_bytes()  # as a whole, as Optuna reads it next
        if content and not content.endswith(b"\n"):
            raise ValueError("its last line is cut off")

    def append_logs(self, logs: Sequence[Mapping[str, Any]]) -> None:
        """Append lines, whole or not at all: half a line would make the file unreadable.

        Raises:
            OSError: the file cannot be written to, is gone, or is shorter than before.
        """
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs).encode()
        self._file_lock.acquire()
        try:
            size = self._path.stat().st_size
            if size < self._size:
                raise OSError(f"{self._path.name} was cut off by another program")
            try:
                with self._path.open("ab", buffering=0) as file:
                    written = file.write(lines)
                if written < len(lines):
                    raise OSError(f"no room to write {self._path.name}")
            except OSError:
                os.truncate(self._path, size)
                raise
            self._size = size + len(lines)
        finally:
            self._file_lock.release()
