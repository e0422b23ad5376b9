import pytest
from ray.exceptions import ActorUnavailableError, ObjectLostError, OutOfMemoryError, RayActorError

from search.tune.ray_errors import WorkerLostError
from search.tune.scheduler import lost_worker


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (WorkerLostError(OutOfMemoryError("killed by the memory monitor")), "oom"),
        (WorkerLostError(ObjectLostError("0" * 56, None, "")), "lost_node"),
        (ActorUnavailableError("socket closed", None), "lost_node"),
        (RayActorError(None, "The actor died because its node has died."), "lost_node"),
        (RayActorError(None, "The actor died unexpectedly before finishing this task."), "crash"),
        (None, "crash"),
    ],
)
def test_the_loss_of_a_worker_has_a_kind(error, kind):
    assert lost_worker(error, seconds=1.0, timeout_seconds=60.0).kind == kind


def test_a_worker_lost_after_the_time_of_a_trial_was_ended_by_its_watchdog():
    failure = lost_worker(
        RayActorError(None, "The actor died."), seconds=61.0, timeout_seconds=60.0
    )
    assert failure.kind == "timeout"
    assert failure.message == "no epoch ended within the 1 minutes of a trial"
    assert "The actor died." in failure.traceback


def test_a_worker_that_cannot_start_says_why_without_colours():
    """What Ray writes of an actor whose module is missing on its node."""
    text = (
        "The actor died because of an error raised in its creation task, "
        "\x1b[36mray::TrialActor.__init__()\x1b[39m (pid=9, ip=192.0.2.2)\n"
        '  File "trainable.py", line 1, in <module>\n'
        "ModuleNotFoundError: No module named 'sugrm'\n"
        "Install it on every node."
    )
    found = lost_worker(RayActorError(None, text), seconds=1.0, timeout_seconds=60.0)
    assert found.message == "it could not start: ModuleNotFoundError: No module named 'sugrm'"
    assert "\x1b" not in found.traceback
    assert "ray::TrialActor.__init__() (pid=9" in found.traceback
