"""Jobs of an earlier command whose driver was killed: they may still wait or compute.

Two processes must not compute one trial, so they end before the run goes on. Nothing is lost: their
trials continue from their checkpoints.
"""

import contextlib
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from search.errors import SearchError
from search.jobs.executor import cancel_by_id
from search.jobs.mailbox import STOP, Mailbox

_FILE = "submitted"
_LOOK_SECONDS = 0.2


def write_down(folder: Path, job_ids: Sequence[str], *, cluster: str) -> None:
    """Write down which jobs a command has submitted, for the command after it."""
    with (folder / _FILE).open("a", encoding="utf-8") as file:
        file.writelines(f"{cluster} {job_id}\n" for job_id in job_ids)


def end_earlier_jobs(folder: Path, *, seconds: float = 120.0) -> int:
    """End the jobs of earlier commands and remove their folders; return how many there were.

    Args:
        folder: the folder with one folder for each command.
        seconds: how long to wait for jobs that compute.

    Raises:
        SearchError: some still compute; two processes must not compute one trial.
    """
    commands = [each for each in folder.glob("*") if each.is_dir()] if folder.is_dir() else []
    count = sum(_end(command) for command in commands)
    until = time.monotonic() + seconds
    for command in commands:
        while at_work := sorted(_at_work(command)):
            if time.monotonic() > until:
                raise SearchError(
                    f"jobs of an earlier command still compute {', '.join(at_work)}: expected them "
                    f"to end within {seconds:g} s; cancel them (their ids are in "
                    f"{command / _FILE}), and run the same command again"
                )
            time.sleep(_LOOK_SECONDS)
        shutil.rmtree(command)
    with contextlib.suppress(OSError):  # it is not there, or another file is in it
        folder.rmdir()
    return count


def _end(command: Path) -> int:
    """Let a command's jobs end after their epoch, and cancel them; return how many there were."""
    (command / STOP).touch()
    jobs = list(_written_down(command))
    for cluster in {cluster for cluster, _ in jobs}:
        own = [job_id for each, job_id in jobs if each == cluster]
        cancel_by_id(cluster, own, folder=command)
    return len(jobs)


def _written_down(command: Path) -> Iterator[tuple[str, str]]:
    with contextlib.suppress(FileNotFoundError):
        for line in (command / _FILE).read_text(encoding="utf-8").splitlines():
            cluster, _, job_id = line.partition(" ")
            yield cluster, job_id


def _at_work(command: Path) -> Iterator[str]:
    for folder in command.glob("*"):
        if folder.is_dir() and Mailbox(folder).is_at_work:
            yield folder.name
