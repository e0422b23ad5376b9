"""``resources.launcher: submitit``: each trial is a job of a batch system."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from search.jobs.capacity import JobCapacity, check_launcher, job_capacity
from search.jobs.job_loop import run_jobs

if TYPE_CHECKING:
    from search.controller.controller import Controller
    from search.space import Space


@dataclass(frozen=True, slots=True)
class _Jobs:
    space: "Space"
    folder: Path
    capacity: JobCapacity

    @property
    def at_once(self) -> int:
        return self.capacity.at_once

    def __str__(self) -> str:
        return str(self.capacity)

    def compute(self, controller: "Controller") -> None:
        run_jobs(self.space, controller, folder=self.folder, capacity=self.capacity)

    def break_off(self) -> None:
        """Do nothing: the jobs compute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLauncher:
    """Submits a job for each trial.

    Attributes:
        space: the space that is run.
        folder: the folder of the run.
        address: the address of a Ray cluster, which is refused.
        concurrency: the most jobs at once, at least 1; None for the default.
    """

    space: "Space"
    folder: Place
    address: str | None
    concurrency: int | None

    where = "jobs"
    is_elsewhere = True
    refuses_early = True

    def check(self) -> None:
        """Check the folder, the GPUs and the options.

        Raises:
            SearchError: jobs cannot compute the run.
        """
        check_launcher(self.space, folder=self.folder, address=self.address)

    @contextlib.contextmanager
    def start(self) -> Iterator[_Jobs]:
        """Look for the batch system; nothing is submitted yet.

        Raises:
            SearchError: jobs cannot be submitted from here, or not for this run.
        """
        capacity = job_capacity(
            self.space, folder=self.folder, address=self.address, concurrency=self.concurrency
        )
        yield _Jobs(self.space, Path(str(self.folder)), capacity)  # no store: see job_capacity
