"""Print what the CPU time of an epoch of SUGRM on real MOSI goes to.

Each row is an epoch with its validation, of the unaligned file: with a frozen text encoder, whose
states come from the cache, and with a fine-tuned one. Forward passes are timed around the modules;
a backward pass is divided where it crosses the outputs of the text encoder and of the sequence
encoder. Everything else of an epoch is ``rest``: recalibration, heads, loss, and what belongs to no
module. Run: ``python benchmarks/epoch_shares.py UNALIGNED.pkl [--epochs N] [--text NAME]
[--way frozen|fine-tuned] [--set KEY=VALUE]``. The script reads nothing that an earlier commit
lacks: with ``PYTHONPATH`` set to another checkout it measures that one.
"""

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
import yaml
from torch import Tensor, nn

from sugrm import Corpus, TrainingRun, resolve
from sugrm.data import import_features
from sugrm.training.feed import Feed
from sugrm.training.trainer import Trainer

PARTS = ("text encoder", "sequence encoder", "optimiser", "labels", "batches", "rest")
Seconds = dict[str, float]


class _Mark(torch.autograd.Function):
    """Passes a tensor on, and notes when its gradient comes back."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, note: Callable[[], None]) -> Tensor:  # noqa: ANN401
        ctx.note = note
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:  # noqa: ANN401
        ctx.note()
        return gradients[0], None


class Clock:
    """Adds up the CPU seconds of the parts of an epoch."""

    def __init__(self) -> None:
        self.seconds: Seconds = defaultdict(float)
        self.crossed: dict[str, float] = {}

    def timed(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``call`` with its seconds counted for a part."""

        def run(*given: Any, **options: Any) -> Any:  # noqa: ANN401
            started = time.process_time()
            try:
                return call(*given, **options)
            finally:
                self.seconds[part] += time.process_time() - started

        return run

    def watch(self, part: str, module: nn.Module) -> None:
        """Time the forward passes of a module, and mark its outputs for the backward passes."""
        forward = self.timed(part, module.forward)

        def note() -> None:
            self.crossed[part] = time.process_time()

        def run(*given: Any, **options: Any) -> Any:  # noqa: ANN401
            output = forward(*given, **options)
            mark: Any = _Mark
            if isinstance(output, Mapping):
                return {name: mark.apply(each, note) for name, each in output.items()}
            return mark.apply(output, note)

        module.forward = run

    def backward(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``torch.autograd.backward`` with its seconds divided between the encoders."""

        def run(*given: Any, **options: Any) -> Any:  # noqa: ANN401
            self.crossed.clear()
            result = call(*given, **options)
            ended = time.process_time()
            for part in ("text encoder", "sequence encoder"):  # the text encoder comes last
                if part in self.crossed:
                    self.seconds[part] += ended - self.crossed[part]
                    ended = self.crossed[part]
            return result

        return run


@contextmanager
def watched(run: TrainingRun) -> Iterator[Clock]:
    """Yield a clock that times the parts of a run while the block runs."""
    clock, model = Clock(), run.model
    modules = {"text encoder": model.text_encoder, "sequence encoder": model.encoder}
    for part, module in modules.items():
        if isinstance(module, nn.Module):
            clock.watch(part, module)
    objective = type(run.trainer.objective)
    with (
        patch.object(Feed, "batch", clock.timed("batches", Feed.batch)),
        patch.object(Trainer, "step", clock.timed("optimiser", Trainer.step)),
        patch.object(objective, "after_backward", clock.timed("labels", objective.after_backward)),
        patch.object(torch.autograd, "backward", clock.backward(torch.autograd.backward)),
    ):
        yield clock


def measured(corpus: Corpus, layers: Sequence[Mapping[str, Any]], *, epochs: int) -> Seconds:
    """Return part -> median CPU seconds of an epoch after the first, ``epoch`` among them."""
    run = TrainingRun(resolve({"preset": ["mosi", "paper"]}, *layers), corpus, seed=1)
    found: list[Seconds] = []
    with watched(run) as clock:
        for _ in range(epochs + 1):
            clock.seconds.clear()
            started = time.process_time()
            run.run_epoch()
            epoch = time.process_time() - started
            found.append({**clock.seconds, "epoch": epoch})
            found[-1]["rest"] = epoch - sum(clock.seconds.values())
    return {
        part: statistics.median(seconds.get(part, 0.0) for seconds in found[1:])
        for part in ("epoch", *PARTS)
    }


def layer(setting: str) -> dict[str, Any]:
    """Return the options of ``KEY=VALUE``.

    >>> layer("model.encoder.name=lstm")
    {'model': {'encoder': {'name': 'lstm'}}}
    """
    key, _, text = setting.partition("=")
    value = yaml.safe_load(text)
    for name in reversed(key.split(".")):
        value = {name: value}
    found: dict[str, Any] = value
    return found


def options_of(given: Sequence[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description="Print what an epoch's time goes to.")
    parser.add_argument("file", type=Path, help="unaligned features of MOSI")
    parser.add_argument("--epochs", type=int, default=3, help="epochs after the first one")
    parser.add_argument("--text", default="minilm", help="name of the text encoder")
    parser.add_argument("--way", choices=("frozen", "fine-tuned"), help="one of both rows")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="values")
    found = parser.parse_args(given)
    if not found.file.is_file():
        parser.error(f"there is no file {found.file}")
    if found.epochs < 1:
        parser.error(f"--epochs {found.epochs}; expected at least 1")
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = options_of(given)
    torch.set_num_threads(1)
    corpus = import_features(options.file)
    print(f"one CPU thread, {options.text}, CPU seconds an epoch, median of {options.epochs}")
    print(f"{'':<11} {'epoch':>8} " + " ".join(f"{part:>17}" for part in PARTS))
    for way in (options.way,) if options.way else ("frozen", "fine-tuned"):
        text = {"name": options.text, "finetune": way == "fine-tuned"}
        layers = [
            {"model": {"text": text}, "training": {"device": "cpu"}},
            *map(layer, options.values),
        ]
        found = measured(corpus, layers, epochs=options.epochs)
        total = found.pop("epoch")
        cells = [f"{found[part]:.2f} ({found[part] / total:.0%})" for part in PARTS]
        print(f"{way:<11} {total:>8.2f} " + " ".join(f"{cell:>17}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
