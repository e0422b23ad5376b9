"""``resources.launcher: ray``: actors of Ray, on this machine or on a cluster."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.ledger.places.storage import in_object_store
from search.controller.gpu_packing import GpuShares
from search.controller.launcher import Expected, Launcher, Workers
from search.environment import usable_cpus
from search.gpus import check_precision, local_gpus, local_use
from search.tune.cluster.capacity import Capacity, ray_capacity
from search.tune.cluster.node_slots import slots_of
from search.tune.cluster.private_folder import private_folder
from search.tune.cluster.session import store_environment
from search.tune.tuner import run_trials

if TYPE_CHECKING:
    from search.controller.controller import Controller

START_SECONDS = 15.0


class RayLauncher(Launcher):
    """Starts a Ray for the run, or joins one at the address."""

    @property
    def where(self) -> str:
        """Text after "starting"."""
        place = "this machine" if self.address is None else f"the cluster {self.address}"
        return f"workers on {place}"

    @property
    def starts_nothing(self) -> bool:
        """Whether ``start`` joins a cluster; on this machine it starts the processes of Ray."""
        return self.address is not None

    def check(self) -> None:
        """Check the precision against the GPUs of this machine; a cluster is not asked.

        Raises:
            SearchError: the precision needs a GPU that no trial has.
        """
        if self.address is None:
            check_precision(self.space, local_use(self.space))

    def expected(self) -> Expected:
        """Return what this machine offers, also for a cluster."""
        node: dict[str, float] = {"CPU": usable_cpus(), "GPU": local_gpus()}
        use = local_use(self.space)
        slots = slots_of(node, self.space.resources.cpus, gpus=use.gpus)
        joins = self.address is not None
        unknown = " (those of the cluster are not known here)" if joins else ""
        return Expected(
            at_once=max(1, min(slots, self.concurrency or slots)),
            gpu_use=use,
            start_seconds=START_SECONDS,
            where=f"on this machine{unknown}",
            is_elsewhere=joins,
        )

    @contextlib.contextmanager
    def start(self) -> Iterator[Workers]:
        """Start or join a Ray for the block.

        Raises:
            SearchError: Ray cannot be used, or no node holds a trial.
        """
        # The workers write checkpoints to the store as well.
        environment = store_environment() if in_object_store(self.folder) else {}
        with ray_capacity(
            self.space, self.address, concurrency=self.concurrency, environment=environment
        ) as capacity:
            yield Workers(
                at_once=capacity.slots,
                gpus=str(capacity.gpu_use),
                compute=lambda controller: self._compute(controller, capacity),
            )

    def _compute(self, controller: "Controller", capacity: Capacity) -> None:
        controller.shares = GpuShares(capacity.gpu_use.gpus)
        capacity.slots.share = lambda: controller.share
        with private_folder() as scratch:
            run_trials(
                self.space, controller, slots=capacity.slots, folder=self.folder, scratch=scratch
            )
