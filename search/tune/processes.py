"""Processes that a folder tells: those that have a file of it open."""

import contextlib
import os
import signal
import time
from pathlib import Path

_KILL_SECONDS = 5.0


def end_processes(folder: Path) -> None:
    """Kill every other process that has a file of ``folder`` open, as all of Ray's have."""
    until = time.monotonic() + _KILL_SECONDS
    while (found := processes_with(folder)) and time.monotonic() < until:
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def processes_with(folder: Path) -> list[int]:
    """Return the other processes of this user that have a file of ``folder`` open (Linux)."""
    own = str(os.getpid())
    others = (process for process in Path("/proc").glob("[0-9]*") if process.name != own)
    return [int(process.name) for process in others if _has_open(process, f"{folder}{os.sep}")]


def _has_open(process: Path, start: str) -> bool:
    with contextlib.suppress(OSError):
        for file in os.listdir(process / "fd"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "fd" / file).startswith(start):
                    return True
    return False
