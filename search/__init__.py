"""Distributed search and ablations: spaces, plans, the ledger and the runs that fill it.

Both names are imported on first use: the command line starts without what they need.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.run import run_search
    from search.space.reading import load_space

__all__ = ["load_space", "run_search"]


def __getattr__(name: str) -> Callable[..., object]:
    if name == "load_space":
        from search.space.reading import load_space

        return load_space
    if name == "run_search":
        from search.run import run_search

        return run_search
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
