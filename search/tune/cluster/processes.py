"""Finding and ending the processes that work in a folder (Linux)."""

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from search.tune.cluster.authentication import TOKEN

_KILL_SECONDS = 5.0


def end_processes(folder: Path) -> None:
    """Kill this run's processes that work in a folder, as all processes of Ray do.

    A process of this run is a descendant of this process or has its token; others are left alone.
    """
    until = time.monotonic() + _KILL_SECONDS
    while (found := _of_run(processes_with(folder))) and time.monotonic() < until:
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def processes_with(folder: Path) -> list[int]:
    """Return the ids of the other visible processes that work in ``folder``.

    They have a file of it open, or their command names one: Ray's node manager has none open yet
    while it starts.
    """
    own = str(os.getpid())
    starts = tuple(f"{path}{os.sep}" for path in (folder, folder.resolve()))
    others = (process for process in Path("/proc").glob("[0-9]*") if process.name != own)
    return [
        int(process.name)
        for process in others
        if _has_open(process, starts) or _command_names(process, starts)
    ]


def _of_run(pids: Iterable[int]) -> list[int]:
    return [pid for pid in pids if _is_own(pid) and (_descends(pid) or _has_token(pid))]


def _is_own(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}").stat().st_uid == os.geteuid()
    return False


def _descends(pid: int) -> bool:
    """Return whether a process is a descendant of this one."""
    with contextlib.suppress(OSError):
        while pid > 1:
            status = Path(f"/proc/{pid}/stat").read_text(errors="replace")
            pid = int(status.rpartition(")")[2].split()[1])
            if pid == os.getpid():
                return True
    return False


def _has_token(pid: int) -> bool:
    """Return whether a process has this run's token; a process whose parent died still has it."""
    token = os.environ.get(TOKEN)
    with contextlib.suppress(OSError):
        found = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return bool(token) and f"{TOKEN}={token}".encode() in found
    return False


def _has_open(process: Path, starts: tuple[str, ...]) -> bool:
    with contextlib.suppress(OSError):
        for file in os.listdir(process / "fd"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "fd" / file).startswith(starts):
                    return True
    return False


def _command_names(process: Path, starts: tuple[str, ...]) -> bool:
    with contextlib.suppress(OSError):
        command = (process / "cmdline").read_bytes()
        return any(os.fsencode(start) in command for start in starts)
    return False
