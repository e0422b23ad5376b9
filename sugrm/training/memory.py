"""Peak memory of a fit.

A process that fits several models reports the peak over its whole life, and its allocator keeps
freed memory. So before a fit, free memory is returned to the system and the peak is reset. Only
Linux can reset it; on other systems the peak on a CPU is unknown.
"""

import contextlib
import ctypes
import re
from pathlib import Path

import torch

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"  # proc(5): sets VmHWM to the present size


def reset_peak(device: torch.device) -> bool:
    """Restart the measurement of the peak; return whether ``peak_memory_mib`` can report it."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return True
    with contextlib.suppress(AttributeError, OSError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)
    try:
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def peak_memory_mib(device: torch.device) -> float | None:
    """Return the peak in MiB since ``reset_peak``, None where it cannot be measured.

    On a GPU it is the peak of the tensors, on a CPU that of the process, with its libraries and
    mapped data.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", _STATUS.read_text("utf-8"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) / 2**10 if found else None
