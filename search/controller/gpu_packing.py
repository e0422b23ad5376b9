"""How many trials share a GPU.

Ray counts GPU fractions but does not limit memory: two halves may fill all of it. So the first
trial gets a whole GPU; its peak memory decides how many trials fit on one, at most as many as
``resources.gpus`` says.
"""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.trials.protocol import GpuMemory

_FILL = 0.9  # the part of a GPU's memory that trials fill; the rest is left for fragmentation
_DIGITS = 10_000  # Ray counts shares in ten-thousandths


class GpuShares:
    """Decide the share of a GPU that the next trial asks for.

    Args:
        wanted: the GPUs of one trial, at least 0. Only a fraction of one is ever changed.
    """

    def __init__(self, wanted: float) -> None:
        self._wanted = wanted
        self._overhead_mib: float | None = None
        self._fit = math.inf
        self._measured = not 0 < wanted < 1

    @property
    def share(self) -> float:
        """Return the GPUs of the next trial: a whole one until the first trial was measured."""
        if not self._measured:
            return 1.0
        if not 0 < self._wanted < 1:
            return self._wanted
        return max(self._wanted, math.floor(_DIGITS / min(self._fit, _DIGITS)) / _DIGITS)

    @property
    def alone(self) -> float:
        """Return the GPUs of a trial that runs alone on its GPU."""
        return max(1.0, self._wanted) if self._wanted else 0.0

    def measure(self, memory: "GpuMemory | None") -> str | None:
        """Record the peak memory of a trial; return a warning if fewer trials fit than wanted.

        The first trial runs alone on its GPU, so the memory beyond its tensors, mostly CUDA's
        context, is measured there and counted for every trial.

        Args:
            memory: the memory of the trial's GPU, None if it uses none.
        """
        if not 0 < self._wanted < 1 or memory is None:
            self._measured = True
            return None
        if self._overhead_mib is None:
            self._overhead_mib = max(0.0, memory.used_mib - memory.reserved_mib)
        before, self._measured = self.share if self._measured else self._wanted, True
        peak = memory.peak_mib + self._overhead_mib
        self._fit = min(self._fit, max(1, math.floor(_FILL * memory.total_mib / peak)))
        if self.share <= before:
            return None
        return (
            f"a trial takes {peak:.0f} MiB of a GPU's {memory.total_mib:.0f}: {int(self._fit)} fit "
            f"on one, so each asks for {self.share:g} of it and not {self._wanted:g}"
        )
