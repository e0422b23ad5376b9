"""The node of the driver as a worker reaches it."""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

_Answer = TypeVar("_Answer")


class Home(Hashable, Protocol):
    """The driver's node, for a worker on another node that lacks its files.

    A worker that shares a disk with the driver needs none. Equal ones are the same node.
    """

    def ask(self, function: Callable[..., _Answer], *arguments: object) -> _Answer:
        """Return what a function returns on the driver's node.

        Args:
            function: a function of a module that the driver's node has as well.
            arguments: its arguments, which are sent there.
        """
