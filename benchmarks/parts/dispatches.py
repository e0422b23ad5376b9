"""Operations that PyTorch dispatches, a stand-in for the kernels that a GPU would launch.

Views are not counted: they start no kernel. The model computes on the padded path, which a GPU
takes; on a CPU the path without padding is counted too.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.measuring import Row, at_most
from benchmarks.parts.corpora import MOSI, TINY, Sizes, random_batch
from benchmarks.parts.models import both, experiment
from sugrm import Batch
from sugrm.modules.sparse_phased import SparsePhasedTransformer
from sugrm.objectives import build_objective
from sugrm.training.optimisation.optimiser import build_optimiser

EVALUATION, STEP = 1790, 5646
"""Dispatches at commit a2ef082."""


class Dispatches(TorchDispatchMode):
    """Counts dispatched operations by name, without views."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(  # noqa: D105 - PyTorch calls it
        self,
        func: Any,  # noqa: ANN401 - an operation
        types: tuple[type, ...],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - its result
        if not func.is_view:
            self.counts[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))


def count(run: Callable[[], object]) -> int:
    """Return the number of dispatches of ``run``, which is called once before to fill caches."""
    run()
    with Dispatches() as dispatches:
        run()
    return dispatches.counts.total()


def training_step(sizes: Sizes, model: torch.nn.Module, batch: Batch) -> Callable[[], None]:
    """Return a whole training step in the third epoch: gradients, labels, optimiser."""
    config = experiment(sizes)
    optimiser = build_optimiser(model, config.training)
    objective = build_objective(config.objective, batch_size=len(batch))
    labels: Tensor | None = batch.labels
    assert labels is not None
    objective.reset(labels, torch.arange(len(batch)), device="cpu")

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        output = model(batch)
        torch.autograd.backward(objective.loss(output, batch))
        objective.after_backward(output, batch, epoch=3)
        optimiser.step()

    return step


def evaluation(model: torch.nn.Module, batch: Batch) -> Callable[[], None]:
    """Return the predictions of a batch in evaluation mode.

    Inference mode would show composite operations, and dropout, which then starts no kernel.
    """
    model.eval()

    def predict() -> None:
        with torch.no_grad():
            model(batch)

    return predict


def force(model: torch.nn.Module, *, packed: bool) -> None:
    """Make the encoder compute packed rows without padding, or padded rows."""
    for module in model.modules():
        if isinstance(module, SparsePhasedTransformer):
            module.packed = packed


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the counts of an evaluation and of a training step, padded and packed."""
    sizes = TINY if quick else MOSI
    batch = random_batch(sizes, "real")
    for packed in (False, True):
        ours, _ = both(sizes)
        force(ours, packed=packed)
        layout = "packed rows" if packed else "padded rows"
        step = training_step(sizes, ours, batch)
        yield Row(
            case=f"training step, {layout}",
            ours=count(step),
            unit="dispatches",
            base=STEP,
            against="commit a2ef082",
            aim=None if packed else at_most(STEP / 2),
        )
        yield Row(
            case=f"evaluation of a batch, {layout}",
            ours=count(evaluation(ours, batch)),
            unit="dispatches",
            base=EVALUATION,
            against="commit a2ef082",
        )
