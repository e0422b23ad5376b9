"""Processes that keep CPUs busy while one trial is measured, as other trials of a run do."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

MOST = 32
_LOOP = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""


@contextlib.contextmanager
def busy_neighbours(count: int) -> Iterator[None]:
    """Keep ``count`` CPUs busy, at most ``MOST``; the processes end with this one at the latest."""
    command = [sys.executable, "-I", "-S", "-c", _LOOP, str(os.getpid())]
    processes = [subprocess.Popen(command) for _ in range(min(count, MOST))]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
