"""Dense attention of MulT and of the Transformer encoder: real frames alone, against padding.

Both are trained on batches with the real lengths of MOSI, padded to the longest of the
batch, with the dropout of the preset. A plain step of MulT needs the more memory the larger the
batch is (9.2 GiB for 32 utterances of unaligned MOSI), so pairs have 16; the preset's own batch of
128 is measured for this project alone. Memory is the peak of a process that takes one step.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from benchmarks.base.dense import PlainMult, PlainTransformer
from benchmarks.measuring import Case, Row, at_least, at_most, compare
from benchmarks.measuring.machine import ROOT
from benchmarks.measuring.pairs import timed
from benchmarks.parts.corpora import ALIGNED, MOSI, TINY, Sizes, random_batch
from sugrm import Batch, build_model, resolve
from sugrm.config.sections.encoders import TransformerConfig
from sugrm.models.build import build_encoder
from sugrm.training.memory import peak_memory_mib
from sugrm.types import Modality

System = Literal["MulT", "Transformer"]
NO_DROPOUT = ("attention", "relu", "residual", "embedding")
SYSTEMS: tuple[System, ...] = ("MulT", "Transformer")
BATCH, PRESET_BATCH, WIDTH, PAIRS = 16, 128, 32, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is trained on what."""

    system: System
    sizes: Sizes
    count: int = BATCH

    @property
    def name(self) -> str:
        """The name in the table of speed."""
        return f"{self.system}, {self.sizes.name}, batch {self.count}"


SETTINGS = tuple(
    Setting(system=system, sizes=sizes) for system in SYSTEMS for sizes in (MOSI, ALIGNED)
)


def trimmed_batch(setting: Setting, *, absent: bool = False) -> Batch:
    """Return a random batch with real lengths, padded to its longest utterance."""
    batch = random_batch(setting.sizes, "real", count=setting.count, absent=absent)

    def cut(sequence: Tensor | None, lengths: Tensor | None) -> Tensor:
        assert sequence is not None
        assert lengths is not None
        return sequence[:, : int(lengths.max())]

    return replace(
        batch,
        text_features=cut(batch.text_features, batch.text_lengths),
        audio=cut(batch.audio, batch.audio_lengths),
        vision=cut(batch.vision, batch.vision_lengths),
    )


def both(setting: Setting, *, dropout: bool = True) -> tuple[nn.Module, nn.Module]:
    """Return this project's modules and the plain ones with the same weights."""
    torch.manual_seed(0)
    widths = dict(setting.sizes.widths)
    ours: nn.Module
    plain: nn.Module
    if setting.system == "MulT":
        names = [*NO_DROPOUT, "text", "output", "audio_attention", "vision_attention"]
        none: Mapping[str, Any] = {} if dropout else {f"{name}_dropout": 0.0 for name in names}
        config = resolve({"preset": "mult"}, {"model": none}).model
        ours = build_model(
            resolve({"preset": "mult"}, {"model": none}),
            **{f"{m.value}_width": width for m, width in widths.items()},
        )
        plain = PlainMult(config, widths)
    else:
        encoder = TransformerConfig(
            **({} if dropout else {f"{name}_dropout": 0.0 for name in NO_DROPOUT})
        )
        ours = build_encoder(encoder, widths, width=WIDTH)
        plain = PlainTransformer(encoder, widths, width=WIDTH)
    plain.load_state_dict(ours.state_dict())
    return ours, plain


def results(model: nn.Module, batch: Batch) -> Tensor:
    """Return what a model gives for each utterance, one row each, in one tensor."""
    if not isinstance(model, PlainTransformer) and hasattr(model, "head"):
        found = model(batch)
        prediction = found if isinstance(found, Tensor) else next(iter(found.predictions.values()))
        return prediction[:, None]
    text, audio, vision = Modality.TEXT, Modality.AUDIO, Modality.VISION
    sequences = {text: batch.text_features, audio: batch.audio, vision: batch.vision}
    lengths = {text: batch.text_lengths, audio: batch.audio_lengths, vision: batch.vision_lengths}
    vectors = model(sequences, lengths)
    return torch.cat([vectors[m] * (lengths[m] > 0)[:, None] for m in vectors], dim=1)


def step(model: nn.Module, batch: Batch) -> None:
    """Compute the gradients of a training step."""
    model.zero_grad(set_to_none=True)
    torch.autograd.backward(results(model, batch).square().mean())


def check(setting: Setting) -> None:
    """Raise an error where results or gradients without dropout differ, absent streams included."""
    batch = trimmed_batch(setting, absent=True)
    found = []
    for model in both(setting, dropout=False):
        step(model, batch)
        gradients = {name: p.grad for name, p in model.named_parameters()}
        found.append((results(model, batch), gradients))
    (ours, own), (plain, other) = found
    torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-4)
    scale = max(float(g.abs().max()) for g in other.values() if g is not None)
    for name, gradient in own.items():
        torch.testing.assert_close(gradient, other[name], rtol=1e-4, atol=1e-5 * scale)


def peak(setting: Setting, which: Literal["ours", "plain"]) -> float:
    """Return the peak memory in MiB of a process that takes one training step."""
    given = json.dumps([setting.system, setting.sizes.name, setting.count, which])
    command = [sys.executable, "-m", "benchmarks.parts.dense", given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield time and memory of a training step, for each system and corpus."""
    if quick:
        for system in SYSTEMS:
            yield _times(Setting(system=system, sizes=TINY, count=8), quick=True)
        return
    for setting in SETTINGS:
        yield _times(setting, quick=False)
        yield _memory(setting)
    yield from _alone(Setting(system="MulT", sizes=MOSI, count=PRESET_BATCH))


def _memory(setting: Setting) -> Row:
    ours, base = peak(setting, "ours"), peak(setting, "plain")
    return Row(
        case=f"{setting.name}, peak memory",
        ours=ours,
        unit="MiB",
        base=base,
        against="plain implementation; the ratio is ours / base",
        ratio=ours / base,
        aim=at_most(1 / 3) if setting.sizes is MOSI else None,
    )


def _alone(setting: Setting) -> Iterator[Row]:
    model, batch = both(setting)[0].train(), trimmed_batch(setting)
    seconds = [timed(partial(step, model, batch)).cpu for _ in range(PAIRS)]
    name = f"{setting.name}, training step"
    yield Row(case=name, ours=statistics.median(seconds), unit="CPU s", pairs=PAIRS)
    memory = peak(setting, "ours")
    yield Row(case=f"{setting.name}, peak memory", ours=memory, unit="MiB")


def _times(setting: Setting, *, quick: bool) -> Row:
    check(replace(setting, count=min(setting.count, 8)))
    batch = trimmed_batch(setting)
    ours, plain = (model.train() for model in both(setting))
    return compare(
        Case(
            name=f"{setting.name}, training step",
            ours=partial(step, ours, batch),
            base=partial(step, plain, batch),
            pairs=PAIRS,
            aim=at_least(4) if setting.sizes is MOSI else None,
        ),
        quick=quick,
    )


def main() -> None:
    """Take one step and print the peak memory of this process in MiB."""
    torch.set_num_threads(1)
    system, name, count, which = json.loads(sys.argv[1])
    sizes = next(sizes for sizes in (MOSI, ALIGNED, TINY) if sizes.name == name)
    setting = Setting(system=system, sizes=sizes, count=count)
    model = both(setting)[which == "plain"].train()
    step(model, trimmed_batch(setting))
    print(peak_memory_mib(torch.device("cpu")))


if __name__ == "__main__":
    main()
