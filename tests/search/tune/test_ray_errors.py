import errno
import pickle
from types import SimpleNamespace

import pytest
from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import ActorDiedError, ObjectLostError, OutOfMemoryError, RayTaskError

from search.trials.storage_failure import DiskFullError
from search.tune.ray_errors import WorkerLostError, error_to_show, losses_fail_their_trial
from search.tune.scheduler import lost_worker


def failed_actors(error):
    """Return the failures of actors, and of tasks, that Tune's bookkeeping tells of."""
    actors, tasks = [], []
    manager = RayActorManager.__new__(RayActorManager)
    manager._failed_actor_ids = set()
    manager._cleanup_actor = lambda tracked_actor: None
    actor = SimpleNamespace(actor_id=1, _on_error=lambda actor, error: actors.append(error))
    task = SimpleNamespace(_tracked_actor=actor, _on_error=lambda actor, error: tasks.append(error))
    manager._actor_task_failed(tracked_actor_task=task, exception=error)
    return actors, tasks


@pytest.mark.parametrize(
    "error", [OutOfMemoryError("low on memory"), ObjectLostError("0" * 56, None, "")]
)
def test_a_loss_that_tune_does_not_know_fails_the_trial(error):
    with pytest.raises(RuntimeError, match="unexpected exception"):
        failed_actors(error)
    with losses_fail_their_trial():
        (lost,), _ = failed_actors(error)
    assert isinstance(lost, WorkerLostError)
    assert str(lost) == str(error)


def test_what_tune_knows_reaches_it_as_it_is():
    died, raised = ActorDiedError(), RayTaskError("step", "traceback", ValueError("v"))
    with losses_fail_their_trial():
        assert failed_actors(died)[0] == [died]
        assert failed_actors(raised) == ([], [raised])
        with pytest.raises(RuntimeError, match="unexpected exception"):
            failed_actors(ValueError("a defect"))


def test_a_worker_killed_for_memory_is_out_of_memory_after_tune_has_written_it_down():
    error = pickle.loads(pickle.dumps(WorkerLostError(OutOfMemoryError("low on memory"))))
    found = lost_worker(error, seconds=1.0, timeout_seconds=60.0)
    assert (found.kind, found.message) == ("oom", "low on memory")


def test_an_error_that_ends_ray_says_how_to_go_on(tmp_path):
    found = error_to_show(ConnectionError("the head\nis gone"), tmp_path)
    assert str(found) == (
        "Ray broke off: is gone; expected it to stay alive; what has finished is kept in "
        f"{tmp_path}; run the same command again to go on"
    )
    assert isinstance(error_to_show(OSError(errno.ENOSPC, "full"), tmp_path), DiskFullError)
    defect = KeyError("a defect")
    assert error_to_show(defect, tmp_path) is defect
