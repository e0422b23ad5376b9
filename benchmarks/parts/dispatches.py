"""Operations that PyTorch dispatches, a stand-in for the kernels that a GPU would launch.

Views are not counted: they start no kernel. The model computes on the padded path, which a GPU
takes; on a CPU the path without padding is counted too.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.measuring import Row, at_most
from benchmarks.parts.corpora import MOSI, TINY, random_batch
from benchmarks.parts.models import experiment, ours
from benchmarks.parts.steps import evaluation, force, training_step

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


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the counts of an evaluation and of a training step, padded and packed."""
    sizes = TINY if quick else MOSI
    batch = random_batch(sizes, "real")
    for packed in (False, True):
        model = ours(sizes)
        force(model, packed=packed)
        layout = "packed rows" if packed else "padded rows"
        step = training_step(experiment(sizes), model, batch)
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
            ours=count(evaluation(model, batch)),
            unit="dispatches",
            base=EVALUATION,
            against="commit a2ef082",
        )
