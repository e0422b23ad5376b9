"""What a job and the driver write to each other, as files of a shared folder.

Each job has a folder: it puts its reports there, the driver its answers. A file is written whole
under another name and then renamed, so nobody reads half of one. Pickles execute code when they are
read; the folder therefore belongs to this user alone, and the driver makes a new one for each
command.
"""

import contextlib
import os
import pickle
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.ledger.lock_query import PAUSES, is_file_locked
from search.status.jobs_at_work import LOCK
from search.trials.protocol import Report

_REPORT, _ANSWER = "report-", "answer"
STOP = "stop"
"""The file of a command's folder that stops all of its jobs."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a job puts into its mailbox.

    Attributes:
        report: the report.
        node: the host name of the job's node.
    """

    report: Report
    node: str


class Mailbox:
    """The folder of one job.

    Args:
        folder: the folder; its parent is the one of the command.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make the folder, as the driver does before it submits the job."""
        self.folder.mkdir()

    def put(self, report: Report) -> str:
        """Give a report to the driver; return the name by which the driver answers it."""
        name = f"{_REPORT}{time.time_ns():020d}"
        self._write(name, pickle.dumps(Sent(report, socket.gethostname())))
        return name

    def take(self) -> Iterator[tuple[str, Sent]]:
        """Take the reports that have come since the last call, in their order."""
        _refresh(self.folder)
        names = sorted(name for name in os.listdir(self.folder) if name.startswith(_REPORT))
        for name in names:
            sent: Sent = pickle.loads((self.folder / name).read_bytes())
            (self.folder / name).unlink()
            yield name, sent

    def answer(self, name: str) -> None:
        """Let the job go on after the report of that name."""
        self._write(_ANSWER, name.encode())

    def stop(self) -> None:
        """Let the job end after its present epoch."""
        (self.folder / STOP).touch()

    def is_answered(self, name: str) -> bool:
        """Return whether the driver has answered the report of that name."""
        _refresh(self.folder)
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / _ANSWER).read_text() >= name
        return False

    @property
    def is_stopped(self) -> bool:
        """Return whether the job should end: the driver says so, or the folder is gone."""
        command = self.folder.parent
        return (
            (self.folder / STOP).exists() or (command / STOP).exists() or not self.folder.is_dir()
        )

    @contextlib.contextmanager
    def at_work(self) -> Iterator[bool]:
        """Hold the job's lock in the block, also where the process is killed.

        Yields whether it is held: not if another process computes the same job, or if the folder is
        gone.
        """
        import fcntl

        try:
            file = (self.folder / LOCK).open("w")
        except FileNotFoundError:
            yield False
            return
        with file:
            for pause in PAUSES:
                time.sleep(pause)
                with contextlib.suppress(OSError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
            else:
                yield False
                return
            yield True

    @property
    def is_at_work(self) -> bool:
        """Return whether a process computes the job now."""
        return is_file_locked(self.folder / LOCK)

    def _write(self, name: str, content: bytes) -> None:
        partial = self.folder / f".{name}"
        partial.write_bytes(content)
        partial.rename(self.folder / name)


def _refresh(folder: Path) -> None:
    """Let NFS look at a folder anew: without a change of its own it trusts what it has seen."""
    with contextlib.suppress(OSError):
        folder.chmod(folder.stat().st_mode & 0o777)
