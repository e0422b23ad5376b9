"""What must hold on a GPU: recorded numbers, fits of every system, steps that never wait."""

import math
import platform
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.on_gpu.setting import PRECISIONS, SYSTEMS, Check, Found, Setting
from benchmarks.parts.models import NO_DROPOUT, gradients, ours
from benchmarks.parts.steps import force, training_step
from sugrm import Batch, Corpus, ExperimentConfig, TrainingRun, resolve
from sugrm.config import SyntheticConfig
from sugrm.data import write_synthetic
from sugrm.models import MODELS

FRAMES = 1e-5  # of recorded and predicted numbers
GRADIENTS = 1e-4  # of gradients, relative to the largest of them
ALIGNED = ("tfn", "mag_bert")  # they take no other input


def device(setting: Setting) -> Iterator[Check]:
    """Yield what the machine is."""
    found = {"torch": torch.__version__, "python": platform.python_version()}
    if setting.cuda:
        properties = torch.cuda.get_device_properties(setting.device)
        found |= {
            "device": properties.name,
            "memory": f"{properties.total_memory >> 20} MiB",
            "capability": f"{properties.major}.{properties.minor}",
            "cuda": str(torch.version.cuda),
            "bfloat16": str(torch.cuda.is_bf16_supported(including_emulation=False)),
        }
        yield Check("driver", _driver)
    for name, value in found.items():
        yield Check(name, lambda name=name, value=value: Found(value, {name: value}))


def _driver() -> Found:
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    version = subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()
    return Found(version, {"driver": version})


def golden(setting: Setting) -> Iterator[Check]:
    """Yield how far numbers in float32 without TF32 lie from recorded ones and from a CPU's."""
    ways = {
        "released encoder": (_from_record, FRAMES),
        "SUGRM, predictions": (_predictions, FRAMES),
        "SUGRM, gradients": (_gradients, GRADIENTS),
    }
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        for layout in ("padded", "packed"):
            for name, (distance, bound) in ways.items():
                run = partial(_judged, partial(distance, setting, layout == "packed"), bound)
                yield Check(f"{name}, {layout}", run)
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def _judged(distance: Callable[[], float], bound: float) -> Found:
    found = distance()
    verdict = "equal" if found <= bound else "DIFFERS"
    value = f"{verdict}: {found:.1e} (at most {bound:g})"
    return Found(value, {"distance": found, "bound": bound})


def _from_record(setting: Setting, packed: bool) -> float:
    """Return the largest distance from the hidden sequences of tests/golden/spt_phase.json."""
    from tests.golden.record_spt_phase import frames, read_record
    from tests.sugrm.modules.test_spt_golden import LETTER, encoder_with_phase

    encoder = encoder_with_phase().to(setting.device)
    encoder.packed = packed
    sequences = {m: frames()[letter].to(setting.device) for m, letter in LETTER.items()}
    lengths = {
        m: torch.full((len(s),), s.shape[1], device=setting.device) for m, s in sequences.items()
    }
    with torch.no_grad():
        hidden, _ = encoder.hidden_sequences(sequences, lengths)
    record = read_record()
    return max(
        (hidden[m].cpu() - record[letter]).abs().max().item() for m, letter in LETTER.items()
    )


def _on_both(
    setting: Setting, packed: bool, compute: Callable[[nn.Module, Batch], Mapping[str, Tensor]]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield each number of ``compute`` on the CPU, padded, and on the device."""
    model = ours(setting.sizes, NO_DROPOUT)
    force(model, packed=False)
    expected = compute(model, setting.batch().to("cpu"))
    force(model.to(setting.device), packed=packed)
    for name, found in compute(model, setting.batch()).items():
        yield expected[name].cpu(), found.cpu()


def _predictions(setting: Setting, packed: bool) -> float:
    """Return the largest distance of predictions from a CPU's."""

    def compute(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        with torch.no_grad():
            return dict(model.eval()(batch).predictions)

    return max((a - b).abs().max().item() for a, b in _on_both(setting, packed, compute))


def _gradients(setting: Setting, packed: bool) -> float:
    """Return the largest distance of gradients from a CPU's, as a share of the largest one."""

    def compute(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        return gradients(model.train(), batch)

    pairs = list(_on_both(setting, packed, compute))
    furthest = max((a - b).abs().max().item() for a, b in pairs)
    return furthest / max(a.abs().max().item() for a, _ in pairs)


def fits(setting: Setting) -> Iterator[Check]:
    """Yield the losses of two epochs of every system, in every precision."""
    config = SyntheticConfig(train=32 if setting.tiny else 256, audio_length=20, vision_length=20)
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            alignment = "aligned" if name in ALIGNED else "unaligned"
            corpus = write_synthetic(config, alignment, cache=Path(folder))
            for precision in PRECISIONS:
                experiment = resolve(
                    {"preset": ["mosi", "paper"] if name == "sugrm" else [name]},
                    {"alignment": alignment, "model": {"text": {"name": "tiny", "max_tokens": 24}}},
                    {"training": {"device": str(setting.device), "precision": precision}},
                )
                yield Check(f"fit of {name}, {precision}", partial(_fitted, experiment, corpus))


def _fitted(experiment: ExperimentConfig, corpus: Corpus) -> Found:
    run = TrainingRun(experiment, corpus, seed=1)
    first, second = (run.run_epoch() for _ in range(2))
    losses = {"first loss": first.train_loss, "second loss": second.train_loss}
    verdict = "finite" if all(map(math.isfinite, losses.values())) else "NOT FINITE"
    value = f"{verdict}: loss {first.train_loss:.3f}, {second.train_loss:.3f}"
    return Found(f"{value}; epoch {second.seconds:.2f} s", {**losses, "seconds": second.seconds})


def waiting(setting: Setting) -> Iterator[Check]:
    """Yield whether a training step waits for the GPU; on a CPU the step runs without a check."""
    batch = setting.batch()
    for name in SYSTEMS:
        for precision in PRECISIONS:
            step = training_step(*setting.model(name), batch, precision=precision)
            yield Check(f"step of {name}, {precision}", partial(_waited, setting, step))


def _waited(setting: Setting, step: Callable[[], None]) -> Found:
    step()
    if not setting.cuda:
        return Found("not checked: no GPU", {})
    verdict = "never waits"
    torch.cuda.set_sync_debug_mode("error")
    try:
        step()
    except RuntimeError as error:
        verdict = f"WAITS: {str(error).splitlines()[0]}"
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return Found(verdict, {"verdict": verdict})
