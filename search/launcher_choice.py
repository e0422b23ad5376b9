"""The launcher that a space names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.controller.launcher import Launcher
    from search.space import Space


def launcher_of(
    space: "Space",
    *,
    folder: "Place",
    address: str | None = None,
    concurrency: int | None = None,
) -> "Launcher":
    """Return the launcher of a space, for one run; nothing is checked or started.

    Args:
        space: the space that is run.
        folder: the folder of the run.
        address: the address of a Ray cluster, None for none.
        concurrency: the most trials at once, at least 1; None sets no limit.
    """
    return _kind(space)(space=space, folder=folder, address=address, concurrency=concurrency)


def _kind(space: "Space") -> "type[Launcher]":
    match space.resources.launcher:
        case "ray":
            from search.tune.launcher import RayLauncher

            return RayLauncher
        case "sequential":
            from search.sequential.launcher import SequentialLauncher

            return SequentialLauncher
        case "submitit":
            from search.jobs.launcher import JobLauncher

            return JobLauncher
