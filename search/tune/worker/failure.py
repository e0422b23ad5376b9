"""The kind of a failure: what the driver decides on, from the error of a trial."""

import traceback

from search.trials.protocol import CRASH, DISK, NAN, OOM, TIMEOUT, Failure
from search.trials.storage_failure import ends_the_run
from search.tune.worker.time_limit import TimeLimitError


def failure_of(error: Exception) -> Failure:
    """Return what a report says of the error that ended a trial."""
    lines = str(error).splitlines()
    return Failure(
        kind=_kind(error),
        message=lines[0] if lines else type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
    )


def _kind(error: Exception) -> str:
    import torch

    from sugrm.errors import NonFiniteLossError

    if isinstance(error, NonFiniteLossError):
        return NAN
    if isinstance(error, TimeLimitError):
        return TIMEOUT
    if ends_the_run(error):
        return DISK
    return OOM if isinstance(error, MemoryError | torch.OutOfMemoryError) else CRASH
