import pytest
from ray.exceptions import ActorUnavailableError, OutOfMemoryError, RayActorError

from search.tune.schedulers import loss_kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OutOfMemoryError("killed by the memory monitor"), "oom"),
        (ActorUnavailableError("socket closed", None), "lost_node"),
        (RayActorError(None, "The actor died because its node has died."), "lost_node"),
        (RayActorError(None, "The actor died unexpectedly before finishing this task."), "crash"),
        (None, "crash"),
    ],
)
def test_the_loss_of_a_worker_has_a_kind(error, kind):
    assert loss_kind(error) == kind
