"""The kind of a failure: what the driver decides on, from the error of a trial."""

import sys
import traceback
from pathlib import Path

from reports.ledger.places.storage import StorageError
from search.errors import SearchError
from search.trials.protocol import CRASH, DISK, NAN, OOM, TIMEOUT, Failure
from search.trials.storage_failure import ends_the_run
from search.worker.time_limit import TimeLimitError
from sugrm.config.registry import plugin_packages
from sugrm.config.registry.sources import MARK
from sugrm.errors import NonFiniteLossError, SugrmError

_NO_MEMORY = ("can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
_OWN = (SugrmError, SearchError, StorageError, TimeLimitError)


def failure_of(error: Exception) -> Failure:
    """Return what a report says of the error that ended a trial."""
    return Failure(
        kind=_kind(error),
        message=f"{error_line(error)}{plugin_line(error)}",
        traceback="".join(traceback.format_exception(error)),
    )


def error_line(error: Exception) -> str:
    """Return the first line of an error's text, after its type as in a traceback of Python.

    The project's own errors are sentences for the user and need no type.

    >>> error_line(KeyError("txt")), error_line(ValueError()), error_line(SearchError("no data"))
    ("KeyError: 'txt'", 'ValueError', 'no data')
    """
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    name = type(error).__name__
    if isinstance(error, _OWN) or text.startswith(name):
        return text or name
    return f"{name}: {text}" if text else name


def plugin_line(error: Exception) -> str:
    """Return the last line of a plug-in that an error passed, "" where it passed none."""
    tops = plugin_packages()  # an installed one, or a file of the folder, has no mark
    files = {
        getattr(module, "__file__", None)
        for name, module in list(sys.modules.items())
        if (top := name.partition(".")[0]) in tops or hasattr(sys.modules.get(top), MARK)
    }
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not frames:
        return ""
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"


def _kind(error: Exception) -> str:
    if isinstance(error, NonFiniteLossError):
        return NAN
    if isinstance(error, TimeLimitError):
        return TIMEOUT
    if ends_the_run(error):
        return DISK
    return OOM if _is_out_of_memory(error) else CRASH


def _is_out_of_memory(error: Exception) -> bool:
    """Return whether memory ran out; on a CPU PyTorch says so in the text of a RuntimeError."""
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _NO_MEMORY)
