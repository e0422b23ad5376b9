"""Several trials at once: on streams of their own, fused into one model, on halves of the GPU.

Texts are states of a frozen encoder here, so that only the weights have gradients. The trials have
no dropout, because ``vmap`` refuses masks that are drawn in place.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap

from benchmarks.on_gpu.setting import Check, Found, Setting
from benchmarks.parts.models import NO_DROPOUT, forward, ours
from benchmarks.parts.steps import force, training_step
from sugrm import Batch

SCRIPT = Path(__file__).resolve().parents[1] / "gpu.py"
PATIENCE = 60.0
"""Seconds that a trial may take after its start; one that takes longer is ended."""

Run = Callable[[], object]


def fused(setting: Setting) -> Iterator[Check]:
    """Yield the gradients of K trials one after the other, on K streams, and as one by ``vmap``."""
    batch, count = setting.batch(), setting.count
    # A CPU's own dropout masks do not pass through `vmap`: there it is rehearsed without dropout.
    models = [ours(setting.sizes, NO_DROPOUT).to(setting.device) for _ in range(count)]
    for model in models:
        force(model.train(), packed=False)
    alone = setting.milliseconds(lambda: [_gradients(model, batch) for model in models])
    value = f"{alone:.2f} ms"
    yield Check(f"{count} trials one by one", lambda: Found(value, {"milliseconds": alone}))
    ways: dict[str, Run] = {"by vmap": _by_vmap(models, batch)}
    if setting.cuda:
        ways = {"on streams": _on_streams(models, batch), **ways}
    for name, run in ways.items():
        yield Check(f"{count} trials {name}", partial(_gain, setting, run, alone))


def _gain(setting: Setting, run: Run, alone: float) -> Found:
    together = setting.milliseconds(run)
    value = f"{together:.2f} ms, {alone / together:.2f} times as fast"
    return Found(value, {"milliseconds": together, "gain": alone / together})


def _gradients(model: nn.Module, batch: Batch) -> None:
    model.zero_grad(set_to_none=True)
    torch.autograd.backward(forward(model, batch))


def _on_streams(models: list[nn.Module], batch: Batch) -> Run:
    streams = [torch.cuda.Stream() for _ in models]

    def run() -> None:
        for stream, model in zip(streams, models, strict=True):
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                _gradients(model, batch)
        for stream in streams:
            torch.cuda.current_stream().wait_stream(stream)

    return run


def _by_vmap(models: list[nn.Module], batch: Batch) -> Run:
    weights, buffers = stack_module_state(models)

    def loss(own: Mapping[str, Tensor], held: Mapping[str, Tensor]) -> Tensor:
        predictions = functional_call(models[0], (own, held), (batch,)).predictions
        return torch.stack([p.square().sum() for p in predictions.values()]).sum()

    together = vmap(grad(loss), randomness="different")
    return lambda: together(weights, buffers)


def halves(setting: Setting) -> Iterator[Check]:
    """Yield the steps a second and the memory of one trial alone and of two on one GPU."""
    if setting.cuda:
        torch.cuda.empty_cache()  # what earlier parts hold would count as used
    yield Check("one trial", partial(_measured, setting, 1))
    yield Check("two trials, each on half", partial(_measured, setting, 2))


def _measured(setting: Setting, count: int) -> Found:
    found = _trials(setting, count)
    steps = sum(trial["steps"] for trial in found)
    peaks = ", ".join(f"{trial['peak']:.0f} MiB" for trial in found)
    used = found[0]["used"]
    value = f"{steps:.1f} steps a second, peak of each {peaks}, of the GPU {used:.0f} MiB"
    peak = max(trial["peak"] for trial in found)
    return Found(value, {"steps": steps, "peak": peak, "used": used})


def _trials(setting: Setting, count: int) -> list[dict[str, float]]:
    """Return what ``count`` trials measured that trained at the same time."""
    command = [sys.executable, str(SCRIPT), "--device", str(setting.device), "--trial"]
    command += ["--tiny"] if setting.tiny else []
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
    try:
        for trial in started:
            assert trial.stdout is not None
            if not trial.stdout.readline():  # a line says that it has warmed up
                raise RuntimeError("a trial died before it was warm; its error is above")
        for trial in started:
            assert trial.stdin is not None
            trial.stdin.write("go\n")
            trial.stdin.flush()
        return [json.loads(trial.communicate(timeout=PATIENCE)[0]) for trial in started]
    finally:
        for trial in started:
            trial.kill()
            trial.communicate()


def trial(setting: Setting) -> None:
    """Train for some seconds on at most half of the GPU's memory, and print the numbers."""
    if setting.cuda:
        torch.cuda.set_per_process_memory_fraction(0.5, setting.device)
    config, model = setting.model()
    step = training_step(config, model, setting.batch())
    for _ in range(1 if setting.tiny else 5):
        step()
    setting.wait()
    print("ready", flush=True)
    sys.stdin.readline()
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < (0.1 if setting.tiny else 8):
        step()
        setting.wait()
        steps += 1
    found = {"steps": steps / (time.perf_counter() - started), "peak": 0.0, "used": 0.0}
    if setting.cuda:
        free, total = torch.cuda.mem_get_info(setting.device)
        found["peak"] = torch.cuda.max_memory_reserved(setting.device) / 2**20
        found["used"] = (total - free) / 2**20
    print(json.dumps(found))
