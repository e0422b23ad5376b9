"""Training step and inference in milliseconds and launches; packed or padded; with a CUDA graph."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import nn

from benchmarks.on_gpu.setting import PRECISIONS, SYSTEMS, Check, Found, Setting
from benchmarks.parts.models import backward, forward
from benchmarks.parts.steps import evaluation, force, training_step
from sugrm import Batch


def _timed(setting: Setting, run: Callable[[], None]) -> Found:
    milliseconds, launches = setting.milliseconds(run), setting.launches(run)
    value = f"{milliseconds:.2f} ms, {launches:,} launches"
    return Found(value, {"milliseconds": milliseconds, "launches": launches})


def systems(setting: Setting) -> Iterator[Check]:
    """Yield a training step and an evaluation of one batch of SUGRM and of Self-MM."""
    batch = setting.batch()
    for name in SYSTEMS:
        for precision in PRECISIONS:
            config, model = setting.model(name)
            step = training_step(config, model, batch, precision=precision)
            yield Check(f"step of {name}, {precision}", partial(_timed, setting, step))
            predict = evaluation(model, batch, precision=precision)
            yield Check(f"inference of {name}, {precision}", partial(_timed, setting, predict))


def layouts(setting: Setting) -> Iterator[Check]:
    """Yield SUGRM's training step and evaluation on padded and on packed rows."""
    batch = setting.batch()
    for layout in ("padded", "packed"):
        config, model = setting.model()
        force(model, packed=layout == "packed")
        step = training_step(config, model, batch)
        yield Check(f"step, {layout} rows", partial(_timed, setting, step))
        predict = evaluation(model, batch)
        yield Check(f"inference, {layout} rows", partial(_timed, setting, predict))


def graph(setting: Setting) -> Iterator[Check]:
    """Yield SUGRM's gradients and predictions with and without a CUDA graph."""
    batch = setting.batch()
    _, model = setting.model()
    force(model, packed=False)
    for name, run in (("gradients", _gradients), ("predictions", _predictions)):
        model.train(run is _gradients)
        yield Check(name, partial(_both_ways, setting, partial(run, model, batch)))


def _both_ways(setting: Setting, run: Callable[[], None]) -> Found:
    eager = setting.milliseconds(run)
    if not setting.cuda:
        return Found(f"{eager:.2f} ms one by one; no graph: no GPU", {"eager": eager})
    replayed = setting.milliseconds(_captured(run).replay)
    value = f"{eager:.2f} ms one by one, {replayed:.2f} ms as a graph"
    return Found(value, {"eager": eager, "graph": replayed})


def _gradients(model: nn.Module, batch: Batch) -> None:
    backward(model, batch)


def _predictions(model: nn.Module, batch: Batch) -> None:
    with torch.no_grad():
        forward(model, batch)


def _captured(run: Callable[[], None]) -> torch.cuda.CUDAGraph:
    """Return a graph of ``run``, which is called on a side stream first, as PyTorch asks."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        run()
    return captured
