"""``resources.launcher: ray``: actors of Ray, on this machine or on a cluster."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from search.controller.gpu_packing import GpuShares
from search.gpus import check_precision, gpu_use, local_gpus
from search.tune.cluster.capacity import Capacity, ray_capacity
from search.tune.cluster.private_folder import private_folder
from search.tune.cluster.session import store_environment
from search.tune.tuner import run_trials

if TYPE_CHECKING:
    from search.controller.controller import Controller
    from search.space import Space


@dataclass(frozen=True, slots=True)
class _Actors:
    space: "Space"
    folder: Place
    capacity: Capacity

    @property
    def at_once(self) -> int:
        return self.capacity.at_once

    def __str__(self) -> str:
        return str(self.capacity)

    def compute(self, controller: "Controller") -> None:
        controller.shares = GpuShares(self.capacity.gpu_use.gpus)
        self.capacity.slots.share = lambda: controller.share
        with private_folder() as scratch:
            run_trials(
                self.space,
                controller,
                slots=self.capacity.slots,
                folder=self.folder,
                scratch=scratch,
            )

    def break_off(self) -> None:
        """Do nothing: the actors compute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RayLauncher:
    """Starts a Ray for the run, or joins one.

    Attributes:
        space: the space that is run.
        folder: the folder of the run.
        address: the address of a cluster; None uses this machine.
        concurrency: the most trials at once, at least 1; None sets no limit.
    """

    space: "Space"
    folder: Place
    address: str | None
    concurrency: int | None

    @property
    def where(self) -> str:
        """What computes the trials, for use after "starting"."""
        place = "this machine" if self.address is None else f"the cluster {self.address}"
        return f"workers on {place}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether other machines than this one may compute."""
        return self.address is not None

    @property
    def refuses_early(self) -> bool:
        """Joining a cluster starts nothing; a Ray of this machine starts its processes."""
        return self.address is not None

    def check(self) -> None:
        """Check the precision against the GPUs of this machine; a cluster is not asked.

        Raises:
            SearchError: the precision needs a GPU that no trial has.
        """
        if self.address is None:
            check_precision(self.space, gpu_use(self.space, local_gpus()))

    @contextlib.contextmanager
    def start(self) -> Iterator[_Actors]:
        """Start or join a Ray for the block.

        Raises:
            SearchError: Ray cannot be used, or no node holds a trial.
        """
        # The workers write checkpoints to the store as well.
        environment = store_environment() if in_object_store(self.folder) else {}
        with ray_capacity(
            self.space, self.address, concurrency=self.concurrency, environment=environment
        ) as capacity:
            yield _Actors(self.space, self.folder, capacity)
