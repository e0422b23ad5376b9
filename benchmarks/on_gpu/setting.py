"""Device and sizes of a run of `benchmarks/gpu.py`, and how times and launches are taken."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.parts.corpora import MOSI, TINY, Sizes, random_batch
from benchmarks.parts.dispatches import Dispatches
from sugrm import Batch, ExperimentConfig, build_model, resolve

PRECISIONS = ("float32", "bfloat16")
SYSTEMS = ("sugrm", "self_mm")


@dataclass(frozen=True, slots=True)
class Found:
    """What a check or a measurement found.

    Attributes:
        value: what came out, in words.
        numbers: the numbers in it, for the JSON file.
    """

    value: str
    numbers: Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of what `benchmarks/gpu.py` prints.

    Attributes:
        name: what is checked or measured.
        run: checks or measures it.
    """

    name: str
    run: Callable[[], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and how large the parts run.

    Attributes:
        device: the device.
        tiny: True takes the smallest sizes and the fewest repetitions.
    """

    device: torch.device
    tiny: bool

    @property
    def cuda(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.type == "cuda"

    @property
    def sizes(self) -> Sizes:
        """Return the sizes of the batches."""
        return TINY if self.tiny else MOSI

    @property
    def count(self) -> int:
        """Return the number of trials that run as one."""
        return 2 if self.tiny else 8

    def batch(self) -> Batch:
        """Return a batch with real lengths on the device."""
        return random_batch(self.sizes, "real", count=4 if self.tiny else 32).to(str(self.device))

    def model(self, name: str = "sugrm", *, seed: int = 0) -> tuple[ExperimentConfig, nn.Module]:
        """Return the experiment of a system and its model on the device, without text encoder."""
        presets = ["mosi", "paper"] if name == "sugrm" else [name]
        config = resolve({"preset": presets})
        torch.manual_seed(seed)
        widths = {f"{m}_width": width for m, width in self.sizes.widths.items()}
        return config, build_model(config, **widths).to(self.device)

    def wait(self) -> None:
        """Wait for the device."""
        if self.cuda:
            torch.cuda.synchronize(self.device)

    def milliseconds(self, run: Callable[[], object]) -> float:
        """Return the milliseconds of one call: the median of five rounds of ten calls each."""
        rounds, calls = (1, 1) if self.tiny else (5, 10)
        for _ in range(1 if self.tiny else 3):
            run()
        found = []
        for _ in range(rounds):
            self.wait()
            started = time.perf_counter()
            for _ in range(calls):
                run()
            self.wait()
            found.append(1e3 * (time.perf_counter() - started) / calls)
        return statistics.median(found)

    def launches(self, run: Callable[[], object]) -> int:
        """Return the number of kernels of one call, on a CPU that of its operations."""
        run()
        if not self.cuda:
            with Dispatches() as dispatches:
                run()
            return dispatches.counts.total()
        with profile(activities=[ProfilerActivity.CUDA]) as profiled:
            run()
            self.wait()
        events = [e for e in profiled.events() if e.device_type == DeviceType.CUDA]
        return sum(not e.name.lower().startswith(("memcpy", "memset")) for e in events)
