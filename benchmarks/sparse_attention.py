"""Time sparse attention with keys and values projected before they are gathered, and after.

The released code gathers each query's window of keys first and projects the windows, so a key is
projected once for every window that holds it (window / stride times); here it is projected once.
Both ways alternate on the same weights and input, so that a busy machine slows both; the ratio is
the median over the pairs. The step is one training step of SUGRM without its text encoder.
Run: ``python benchmarks/sparse_attention.py``; it prints a table.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from sugrm import Batch, ModelOutput, build_model, resolve
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.sparse_attention import SparseAttention, window_indices
from sugrm.objectives import MultitaskObjective, build_objective
from sugrm.training.optimisation.optimiser import build_optimiser

WIDTH, HEADS, STRIDE, BATCH, PAIRS = 32, 8, 5, 32, 15


@dataclass(frozen=True, kw_only=True)
class Case:
    """One attention to time.

    Attributes:
        name: its name in the table.
        keys: T, the number of keys.
        key_width: D, the width of a key.
        window: number of keys that a query attends to.
        stride: number of keys between the windows of neighbouring queries.
    """

    name: str
    keys: int
    key_width: int
    window: int
    stride: int


CASES = (
    Case(name="input, text 50 x 768", keys=50, key_width=768, window=17, stride=STRIDE),
    Case(name="input, audio 375 x 5", keys=375, key_width=5, window=17, stride=STRIDE),
    Case(name="input, vision 500 x 20", keys=500, key_width=20, window=17, stride=STRIDE),
    Case(name="input, MOSEI audio 500 x 74", keys=500, key_width=74, window=17, stride=STRIDE),
    Case(name="cross, 100 x 32", keys=100, key_width=WIDTH, window=9, stride=1),
)


def gather_then_project(
    attention: SparseAttention, hidden: Tensor, *, keys: Tensor, indices: Tensor
) -> Tensor:
    """Return the attended sequence as the released code computes it, [B, L, width]."""
    assert attention.key_norm is not None
    batch, steps, window = indices.shape
    split = (batch, steps, window, HEADS, WIDTH // HEADS)
    rows = (indices + torch.arange(batch)[:, None, None] * keys.shape[1]).reshape(-1)
    seen = attention.key_norm(keys).reshape(-1, keys.shape[2]).index_select(0, rows)
    key, value = attention.key(seen).view(split), attention.value(seen).view(split)
    query = attention.query(attention.norm(hidden)).view(batch, steps, 1, *split[3:])
    weights = torch.softmax((query * split[4] ** -0.5 * key).sum(-1), dim=2)
    attended = (weights[..., None] * value).sum(2).reshape(batch, steps, WIDTH)
    result: Tensor = hidden + attention.out(attended)
    return result


def seconds(run: Callable[[], Tensor]) -> float:
    """Return the seconds of a forward and backward pass."""
    started = time.perf_counter()
    torch.autograd.backward(run().square().sum())
    return time.perf_counter() - started


def compare(case: Case) -> tuple[float, float, float]:
    """Return the median milliseconds of both ways and the median ratio of their pairs."""
    torch.manual_seed(0)
    steps = -(-case.keys // case.stride)
    attention = SparseAttention(WIDTH, HEADS, key_width=case.key_width, dropouts=Dropouts())
    hidden = torch.randn(BATCH, steps, WIDTH, requires_grad=True)
    keys = torch.randn(BATCH, case.keys, case.key_width, requires_grad=True)
    lengths, still = torch.full((BATCH,), case.keys), torch.zeros(1, 1, dtype=torch.long)
    indices = window_indices(steps, lengths, stride=case.stride, window=case.window, shift=still)

    def ours() -> Tensor:
        result: Tensor = attention(hidden, keys, indices)
        return result

    def released() -> Tensor:
        return gather_then_project(attention, hidden, keys=keys, indices=indices)

    torch.testing.assert_close(ours(), released(), rtol=1e-4, atol=1e-4)
    pairs = [(seconds(ours), seconds(released)) for _ in range(PAIRS + 2)][2:]
    first, second = (1e3 * statistics.median(times) for times in zip(*pairs, strict=True))
    return first, second, statistics.median(theirs / own for own, theirs in pairs)


def random_batch() -> Batch:
    """Return a random batch with the sizes of unaligned MOSI and varying lengths."""

    def lengths(most: int) -> Tensor:
        return torch.randint(most // 3, most + 1, (BATCH,))

    return Batch(
        text_features=torch.randn(BATCH, 50, 768),
        audio=torch.randn(BATCH, 375, 5),
        vision=torch.randn(BATCH, 500, 20),
        text_lengths=lengths(50),
        audio_lengths=lengths(375),
        vision_lengths=lengths(500),
        labels=torch.linspace(-3, 3, BATCH),
        index=torch.arange(BATCH),
    )


def training_step() -> float:
    """Return the median milliseconds of a whole step: loss, gradients, labels, optimiser."""
    torch.manual_seed(0)
    config = resolve({"preset": ["mosi", "paper"]})
    model = build_model(config, audio_width=5, vision_width=20, text_width=768).train()
    optimiser = build_optimiser(model, config.training)
    objective: MultitaskObjective = build_objective(config.objective, batch_size=BATCH)
    batch = random_batch()
    labels = batch.labels
    assert labels is not None
    objective.reset(labels, torch.arange(BATCH), device="cpu")
    times = []
    for _ in range(PAIRS + 2):
        started = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        output: ModelOutput = model(batch)
        torch.autograd.backward(objective.loss(output, batch))
        objective.after_backward(output, batch, epoch=3)
        optimiser.step()
        times.append(time.perf_counter() - started)
    return 1e3 * statistics.median(times[2:])


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print(f"one CPU thread, batch {BATCH}, forward and backward, median of {PAIRS} pairs")
    print(f"{'attention':<28} {'project first':>14} {'gather first':>14} {'ratio':>7}")
    for case in CASES:
        ours, released, ratio = compare(case)
        print(f"{case.name:<28} {ours:>11.1f} ms {released:>11.1f} ms {ratio:>6.2f}x")
    print(f"one training step, unaligned MOSI without the text encoder: {training_step():.0f} ms")


if __name__ == "__main__":
    main()
