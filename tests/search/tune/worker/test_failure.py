import errno

import pytest
import torch

from reports.ledger.places.storage import StorageError
from search.tune.worker.failure import failure_of
from search.tune.worker.time_limit import TimeLimitError
from sugrm.errors import NonFiniteLossError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("a fault"), "crash"),
        (NonFiniteLossError("the loss is nan"), "nan"),
        (TimeLimitError("too long"), "timeout"),
        (MemoryError("out of memory"), "oom"),
        (torch.OutOfMemoryError("out of memory"), "oom"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (StorageError("the store does not answer"), "disk"),
    ],
)
def test_the_kind_of_a_failure_follows_from_its_error(error, kind):
    assert failure_of(error).kind == kind


@pytest.mark.parametrize(
    ("error", "message"),
    [(ValueError("a fault\nin two lines"), "a fault"), (ValueError(), "ValueError")],
)
def test_the_message_is_the_first_line_or_the_name_of_the_error(error, message):
    failure = failure_of(error)
    assert failure.message == message
    assert failure.traceback.startswith("ValueError")
