"""One driver per run where there is no file lock: a lease in the object store.

The holder rewrites the object ``lock`` every few seconds. A driver that finds the object watches
it: if it changes, the run is in use and the driver is rejected; if it stays unchanged for
``PATIENCE`` seconds, its holder is dead and the driver takes the lease over. So no two clocks are
compared. A holder on this machine whose process is gone is known to be dead at once.

pyarrow offers no write that fails where an object exists. Two drivers that start within the same
second may both write; each then waits for ``SETTLE`` seconds, and the one that wrote last holds the
run. If one of them writes later than that, the other finds out at its next renewal and closes its
run: a trial may be computed twice in these seconds, but none is lost, since both write the same
content under the same key.
"""

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from reports.ledger.json_file import read_json
from reports.ledger.places.storage import StorageError, StorePlace
from search.ledger.experiment_file import RunFolderError

_logger = logging.getLogger(__name__)

FILE = "lock"
RENEWAL = 5.0
"""Seconds between two renewals."""
PATIENCE = 20.0
"""Seconds without a renewal after which a lease counts as left behind."""
STALE = timedelta(seconds=40)
"""Age of a lease, by the clocks of store and reader, from which it counts as abandoned."""
SETTLE = 1.0
"""Seconds after which the last of several writers is known."""


class Lease:
    """Lock of a run in an object store for one process.

    Args:
        run: the folder of the run.

    Attributes:
        on_loss: called once, with a message, if another process takes the run despite the lease.
    """

    def __init__(self, run: StorePlace) -> None:
        self._run, self._file = run, run / FILE
        self._holder = {
            "id": uuid.uuid4().hex,
            "host": socket.gethostname(),
            **_process(os.getpid()),
        }
        self._beats = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.on_loss: Callable[[str], None] = _logger.error

    def __enter__(self) -> "Lease":
        """Take the run.

        Raises:
            RunFolderError: another process holds it.
            StorageError: the store does not answer.
        """
        found = self._read()
        if found is not None and not _is_dead(found) and not self._becomes_free(found):
            raise self._in_use(found)
        self._write()
        time.sleep(SETTLE)
        winner = self._read()
        if winner is None or winner.get("id") != self._holder["id"]:
            raise self._in_use(winner or {})
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release the lease."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(StorageError):  # the lease is then left behind, and taken over later
            if (self._read() or {}).get("id") == self._holder["id"]:
                self._file.unlink(missing_ok=True)

    def is_taken(self) -> bool:
        """Return whether a process holds the run.

        One does if the lease was renewed recently, by the clocks of store and reader, and its
        holder is not known to be dead: a process of this machine that was killed is known at once.
        """
        written = self._file.modified_at()
        if written is None or datetime.now(UTC) - written > STALE:
            return False
        holder = self._read()
        return holder is not None and not _is_dead(holder)

    def _becomes_free(self, found: dict[str, object]) -> bool:
        """Watch a lease; return whether it is free: not renewed all the time, or released."""
        _logger.warning("%s is left behind or in use; watching it for %g s", self._file, PATIENCE)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            time.sleep(min(1.0, PATIENCE / 4))
            now = self._read()
            if now != found:
                return now is None  # released meanwhile
        return True

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL):
            try:
                found = self._read()
                if found is None:  # nobody else removes it
                    self.on_loss(
                        f"{self._file} is gone: another run may have taken {self._run} and ended, "
                        "since this one could not renew its lease in time"
                    )
                    return
                if found.get("id") != self._holder["id"]:
                    self.on_loss(
                        f"{self._in_use(found)}; this one could not renew its lease in time, or "
                        "both began at once"
                    )
                    return
                self._write()
            except StorageError as error:
                _logger.warning("the lease is not renewed now: %s", error)

    def _write(self) -> None:
        self._beats += 1
        self._file.put(json.dumps({**self._holder, "beats": self._beats}).encode())

    def _read(self) -> dict[str, object] | None:
        """Return the holder that the lease names: empty if it is damaged, None without a lease."""
        try:
            content = read_json(self._file)
        except FileNotFoundError:
            return None
        except ValueError:
            content = None
        return content if isinstance(content, dict) else {}

    def _in_use(self, holder: dict[str, object]) -> RunFolderError:
        who = f" (process {holder.get('pid')} on {holder.get('host')})" if holder else ""
        return RunFolderError(
            f"{self._run} is in use by another run{who}; expected one run a folder at a time; wait "
            "for it to end, or name another folder with --runs"
        )


def _process(pid: int) -> dict[str, object]:
    """Return the values that identify a process of this machine among all, past ones included."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = os.readlink("/proc/self/ns/pid")
        # After the name, which may hold any character: the state and, 19 fields on, the start time.
        values = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return {"pid": pid, "machine": None}
    gone = values[0] == "Z"
    return {"pid": pid, "machine": f"{boot} {space}", "started": None if gone else values[19]}


def _is_dead(holder: dict[str, object]) -> bool:
    """Return whether the holder is known to be a process of this machine that has ended."""
    machine, pid = _process(os.getpid()).get("machine"), holder.get("pid")
    if machine is None or holder.get("machine") != machine or not isinstance(pid, int):
        return False
    return _process(pid).get("started") != holder.get("started")
