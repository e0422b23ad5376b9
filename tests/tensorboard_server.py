"""TensorBoard over a folder, on loopback, for as long as a block lasts."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 90
"""For which a busy machine is waited for."""


@contextmanager
def tensorboard(folder: Path) -> Iterator[str]:
    """Start TensorBoard on a free port; yield its address once it has read every trial.

    Args:
        folder: ``tensorboard`` of a run, a folder a trial.

    Raises:
        RuntimeError: it ended or did not read them in time.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Its pages show the folder as it is named here: not where this machine keeps it.
    logdir = folder.absolute().relative_to(folder.absolute().parents[2])
    words = ("--logdir", str(logdir), "--host", "127.0.0.1", "--port", str(port))
    with subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", *words],
        cwd=folder.absolute().parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, address, {path.name for path in folder.iterdir()})
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(process: "subprocess.Popen[bytes]", address: str, names: set[str]) -> None:
    end = time.monotonic() + SECONDS
    while set(_asked(f"{address}/data/runs")) != names:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"TensorBoard at {address} did not read {len(names)} trials")
        time.sleep(0.3)


def _asked(address: str) -> Any:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)
    except OSError:
        return []
