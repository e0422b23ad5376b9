"""The packages of the trackers: which there are, and whether they are installed."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from reports.ledger.places.storage import in_object_store
from search.errors import SearchError

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.tracking.protocol import TrackedRun, Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The package behind a tracker.

    Attributes:
        title: the name of the tracker in messages.
        module: the module here that writes to it; the only one that imports the package.
    """

    title: str
    module: str


BACKGROUND = {
    "mlflow": Package(title="MLflow", module="search.tracking.mlflow_runs"),
    "wandb": Package(title="W&B", module="search.tracking.wandb_runs"),
}
"""Name in a space -> package. The extra of this project and the import have the same name."""

TENSORBOARD, JOURNAL = "tensorboard", "optuna"
"""The tracker whose file grows in the folder of the run; its package is a requirement."""


def check_trackers(names: Sequence[str], runs: "Place") -> None:
    """Check that each tracker can be used for a run below ``runs``.

    Raises:
        SearchError: the package of one is missing, or one needs a folder of this machine.
    """
    check_installed(names)
    if JOURNAL in names and in_object_store(runs):
        address = quote(str(runs))
        raise SearchError(
            "tracking asks for optuna, whose file grows with the run; got the object store "
            f"{address}; expected a folder of this machine; leave it out of tracking; at any time "
            f"this writes the file: sugrm-search export RUN --runs {address} --optuna run.journal"
        )


def check_installed(names: Sequence[str]) -> None:
    """Check that the package of each tracker can be imported; none is imported.

    Raises:
        SearchError: packages are missing; the message says how to install them.
    """
    missing = [name for name in names if name in BACKGROUND and not _is_installed(name)]
    if missing:
        raise SearchError(
            f"tracking asks for {' and '.join(missing)}, which {_is_or_are(missing)} not "
            f"installed; pip install 'sugrm-search[{','.join(missing)}]', or leave "
            f"{'it' if len(missing) == 1 else 'them'} out of tracking"
        )


def maker(name: str) -> "Callable[[TrackedRun], Tracker]":
    """Return what opens the tracker ``name``; its package is imported when this is called."""

    def make(run: "TrackedRun") -> "Tracker":
        opened: Tracker = importlib.import_module(BACKGROUND[name].module).open_tracker(run)
        return opened

    return make


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _is_or_are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
