"""Errors of Ray that Ray Tune does not handle.

Tune takes the death of an actor as a failure of its trial. Ray raises other errors if it kills a
worker because the node runs out of memory, and if a result is lost with its node. At these Tune
ends the whole run (2.60: "Caught unexpected exception").
"""

import contextlib
from collections.abc import Iterator

from ray.air.execution._internal.actor_manager import RayActorManager
from ray.air.execution._internal.tracked_actor_task import TrackedActorTask
from ray.exceptions import OutOfMemoryError, RayActorError, RayError, RayTaskError
from ray.tune import TuneError

from reports.ledger.places.storage import Place
from search.errors import SearchError
from search.trials.storage_failure import disk_full, ends_the_run


class WorkerLostError(RayActorError):
    """A worker or its result is lost, for a reason that Ray gives with another class of error.

    Args:
        cause: Ray's own error.

    Attributes:
        out_of_memory: whether Ray killed the worker because its node ran out of memory.
    """

    def __init__(self, cause: RayError) -> None:
        super().__init__(error_msg=str(cause))
        self.out_of_memory = isinstance(cause, OutOfMemoryError)


@contextlib.contextmanager
def losses_fail_their_trial() -> Iterator[None]:
    """Make Tune take every error of Ray about a worker as the death of its actor."""
    known = RayActorManager._actor_task_failed

    def actor_task_failed(
        self: RayActorManager,
        tracked_actor_task: TrackedActorTask,
        exception: Exception,
    ) -> None:
        is_known = isinstance(exception, RayActorError | RayTaskError)
        if isinstance(exception, RayError) and not is_known:
            exception = WorkerLostError(exception)
        known(self, tracked_actor_task, exception)

    setattr(RayActorManager, known.__name__, actor_task_failed)
    try:
        yield
    finally:
        setattr(RayActorManager, known.__name__, known)


def error_to_show(error: Exception, folder: Place) -> Exception:
    """Return the error to show for one that ended Tune; a defect is returned as it is."""
    if ends_the_run(error):
        return disk_full(folder, str(error))
    if isinstance(error, RayError | TuneError | ConnectionError):
        said = str(error).strip().splitlines()[-1]
        return SearchError(
            f"Ray broke off: {said}; expected it to stay alive; what has finished is kept in "
            f"{folder}; run the same command again to go on"
        )
    return error
