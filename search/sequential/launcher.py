"""``resources.launcher: sequential``: the process of the command, one trial after another."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from search.sequential.own_process import SequentialCapacity, own_process, sequential_capacity
from search.sequential.sequence import Sequence

if TYPE_CHECKING:
    from search.controller.controller import Controller
    from search.space import Space


@dataclass(slots=True)
class _ThisProcess:
    capacity: SequentialCapacity
    sequence: Sequence | None = field(default=None, init=False)

    @property
    def at_once(self) -> int:
        return self.capacity.at_once

    def __str__(self) -> str:
        return str(self.capacity)

    def compute(self, controller: "Controller") -> None:
        self.sequence = Sequence(controller, self.capacity)
        self.sequence.run()

    def break_off(self) -> None:
        if self.sequence is not None:
            self.sequence.break_off()


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialLauncher:
    """Lets the run have this process.

    Attributes:
        space: the space that is run.
        address: the address of a Ray cluster, which is refused.
        concurrency: the most trials at once: None or 1.
    """

    space: "Space"
    address: str | None
    concurrency: int | None

    where = "in this process, without workers"
    is_elsewhere = False
    refuses_early = True

    def check(self) -> None:
        """Check the options, the CPUs, the GPUs and the precision.

        Raises:
            SearchError: this process cannot compute the trials.
        """
        sequential_capacity(self.space, address=self.address, concurrency=self.concurrency)

    @contextlib.contextmanager
    def start(self) -> Iterator[_ThisProcess]:
        """Take this process for the block.

        Raises:
            SearchError: this process cannot compute the trials, or computes another run.
        """
        with own_process(
            self.space, address=self.address, concurrency=self.concurrency
        ) as capacity:
            yield _ThisProcess(capacity)
