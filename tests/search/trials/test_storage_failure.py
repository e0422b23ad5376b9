import errno

import pytest

from reports.ledger.places.storage import StorageError, StorePlace
from search.trials.storage_failure import disk_full, ends_the_run

FULL = OSError(errno.ENOSPC, "No space left on device")


def raised_on_the_way_from(error):
    try:
        try:
            raise error
        except type(error):
            raise RuntimeError("torch's words")  # noqa: B904 - as torch does it
    except RuntimeError as found:
        return found


@pytest.mark.parametrize("error", [FULL, StorageError("the store does not answer")])
def test_what_cannot_be_written_ends_the_run(error):
    assert ends_the_run(error)
    assert ends_the_run(raised_on_the_way_from(error))


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "no such file"), ValueError("v")])
def test_a_fault_of_the_trial_does_not(error):
    assert not ends_the_run(error)
    assert not ends_the_run(raised_on_the_way_from(error))


def test_the_message_of_a_store_stands_as_it_is_and_asks_for_no_space():
    run = StorePlace(None, "bucket/mini")
    said = "s3://bucket/mini/lock: the store does not answer; expected a bucket that answers"
    assert str(disk_full(run, said)) == (
        f"the run in s3://bucket/mini stops: {said}; what has finished is kept, and what was "
        "running goes on from its checkpoint when the same command runs again"
    )
