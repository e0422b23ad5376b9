"""SUGRM without its text encoder against the plain implementation: evaluation and gradients."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import nn

from benchmarks.measuring import Case, Row, at_least, compare
from benchmarks.measuring.pairs import Run
from benchmarks.measuring.row import Aim
from benchmarks.parts.corpora import ALIGNED, MOSEI, MOSI, TINY, Lengths, Sizes, random_batch
from benchmarks.parts.models import backward, both, forward, ours
from sugrm import Batch

Aims = tuple[Aim | None, Aim | None]

CASES: tuple[tuple[Sizes, Lengths, Aim, Aim], ...] = (
    (MOSI, "real", at_least(6), at_least(6)),
    (MOSI, "uniform", at_least(2.5), at_least(2)),
    (MOSEI, "real", at_least(5), at_least(5)),
    (ALIGNED, "real", at_least(4), at_least(4)),
)
"""Sizes, lengths, aim of the evaluation and aim of the gradients."""


def evaluate(model: nn.Module, batch: Batch) -> None:
    """Compute the predictions of a batch in evaluation mode."""
    with torch.inference_mode():
        forward(model, batch)


def cases(sizes: Sizes, kind: Lengths, aims: tuple[Aim | None, Aim | None]) -> Iterator[Case]:
    """Yield the evaluation of a batch and, with the dropout of the preset, its gradients."""
    batch = random_batch(sizes, kind)
    own, plain = (model.eval() for model in both(sizes))
    with torch.inference_mode():
        torch.testing.assert_close(forward(own, batch), forward(plain, batch), rtol=1e-4, atol=0)
    lengths = "real lengths" if kind == "real" else "lengths uniform from 50"
    for mode, run, aim in zip(
        ("forward", "forward + backward"), (evaluate, backward), aims, strict=True
    ):
        for model in (own, plain):
            model.train(run is backward)
        yield Case(
            name=f"{sizes.name}, {lengths}, {mode}",
            ours=partial(run, own, batch),
            base=partial(run, plain, batch),
            aim=aim,
        )


def _run(sizes: Sizes, kind: Lengths, mode: str) -> Run:
    """Return the run of this project alone; weights and batch are the same in every process."""
    model, batch = ours(sizes), random_batch(sizes, kind)
    if mode == "forward":
        return partial(evaluate, model.eval(), batch)
    return partial(backward, model.train(), batch)


RUNS: Mapping[str, Callable[[], Run]] = {
    f"{sizes.name}, {kind} lengths, {mode}": partial(_run, sizes, kind, mode)
    for sizes, kind in (
        (MOSI, "real"),
        (MOSI, "uniform"),
        (MOSEI, "real"),
        (ALIGNED, "real"),
        (TINY, "real"),
    )
    for mode in ("forward", "forward + backward")
}
"""What ``--against`` times on two checkouts."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows of all sizes."""
    chosen = ((TINY, "real", None, None),) if quick else CASES
    for sizes, kind, forward_aim, backward_aim in chosen:
        for case in cases(sizes, kind, (forward_aim, backward_aim)):
            yield compare(case, quick=quick)
