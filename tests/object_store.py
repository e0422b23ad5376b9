"""A real S3 server on loopback: moto's, in a process of its own."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUCKET = "runs"


def server_command() -> str | None:
    """Return the path of ``moto_server``, None where it is not installed."""
    beside = Path(sys.executable).with_name("moto_server")
    return str(beside) if beside.exists() else shutil.which("moto_server")


@contextmanager
def s3_server() -> Iterator[str]:
    """Run a server with the empty bucket ``runs``; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [server_command(), "-H", "127.0.0.1", "-p", str(port)]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _make_bucket(process, f"{address}/{BUCKET}")
        yield address
    finally:
        process.kill()
        process.wait()


def environment(address: str) -> dict[str, str]:
    """Return the variables by which pyarrow reaches the server."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _make_bucket(process: subprocess.Popen, address: str) -> None:
    for _ in range(300):
        assert process.poll() is None, "moto_server ended"
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="PUT")).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("moto_server does not answer")
