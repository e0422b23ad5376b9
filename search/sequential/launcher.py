"""``resources.launcher: sequential``: trials in this process, one after another."""

import contextlib
from collections.abc import Iterator

from search.controller.launcher import Expected, Launcher, Workers
from search.environment import usable_cpus
from search.errors import SearchError
from search.gpus import check_precision, local_gpus, local_use
from search.sequential.own_process import SequentialCapacity, own_process
from search.sequential.sequence import Sequence


class SequentialLauncher(Launcher):
    """Runs the trials in this process. It takes no address, and no concurrency but 1."""

    where = "in this process, without workers"
    starts_nothing = True

    def check(self) -> None:
        """Check the options, the CPUs, the GPUs and the precision.

        Raises:
            SearchError: this process cannot compute the trials.
        """
        self.capacity()

    def capacity(self) -> SequentialCapacity:
        """Return what this process computes; nothing is started.

        Raises:
            SearchError: it cannot compute the trials.
        """
        space = self.space
        self._check_options()
        cpus, found = usable_cpus(), local_gpus()
        if space.resources.cpus > cpus:
            raise SearchError(
                f"resources.cpus is {space.resources.cpus}, but this process may use {cpus}; "
                f"expected at most that many; add --set resources.cpus={cpus}"
            )
        use = local_use(space)
        check_precision(space, use)
        if use.gpus and not found:
            raise SearchError(
                f"a trial asks for {use.amount} ({use.reason}), but PyTorch finds no GPU on this "
                "machine; expected one, or trials on the CPU: for these add --set "
                "resources.gpus=auto --set experiment.training.device=auto"
            )
        return SequentialCapacity(
            use,
            hides_gpus=found > 0 and not use.gpus,
            drops_limit=space.resources.timeout_minutes is not None,
        )

    def expected(self) -> Expected:
        """Return one trial at a time, which starts at once."""
        return Expected(
            at_once=1,
            gpu_use=local_use(self.space),
            start_seconds=0.0,
            where="in this process",
            is_elsewhere=False,
        )

    @contextlib.contextmanager
    def start(self) -> Iterator[Workers]:
        """Reserve this process for the run.

        Raises:
            SearchError: it cannot compute the trials, or computes another run.
        """
        capacity = self.capacity()
        with own_process(self.space.resources.cpus):
            sequence = Sequence(capacity)
            yield Workers(
                at_once=lambda: 1,
                gpus=str(capacity),
                compute=sequence.run,
                break_off=sequence.break_off,
            )

    def _check_options(self) -> None:
        if self.address is not None:
            raise SearchError(
                f"--address {self.address} names a Ray cluster, but resources.launcher is "
                "sequential, which computes in this process; leave out --address, or use "
                "--launcher ray"
            )
        if self.concurrency not in (None, 1):
            raise SearchError(
                f"--concurrency is {self.concurrency}, but resources.launcher is sequential, which "
                "computes one trial after another; expected 1; leave it out, or use --launcher ray"
            )
