"""Distributed search and ablations: spaces, plans, the ledger and the runs that fill it.

Names are imported on first use: the command line starts without what they need.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.api.result import RunResult, open_results
    from search.api.running import run_search
    from search.errors import RunInterrupted, SearchError, SpaceError
    from search.space.reading import load_space
    from search.space.space import Space
    from search.worker.checkpoint_store import checkpoint_at

_MODULES = {
    "RunInterrupted": "search.errors",
    "RunResult": "search.api.result",
    "SearchError": "search.errors",
    "Space": "search.space.space",
    "SpaceError": "search.errors",
    "checkpoint_at": "search.worker.checkpoint_store",
    "load_space": "search.space.reading",
    "open_results": "search.api.result",
    "run_search": "search.api.running",
}

__all__ = [
    "RunInterrupted",
    "RunResult",
    "SearchError",
    "Space",
    "SpaceError",
    "checkpoint_at",
    "load_space",
    "open_results",
    "run_search",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions of several kinds
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
