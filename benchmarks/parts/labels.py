"""One update of the generated labels, against the released rule one utterance at a time."""

from collections.abc import Iterator

import torch
from torch import Tensor

from benchmarks.base.labels import PlainLabels
from benchmarks.measuring import Case, Row, at_least, compare
from benchmarks.measuring.row import Aim
from sugrm.labels import SugrmLabels
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task

CASES = (
    ("MOSI", 1284, (4, 3), at_least(20)),
    ("MOSEI", 16326, (48, 98), at_least(400)),
)
"""Corpus, N, the training utterances labelled +3 and -3, and the aim."""

WIDTH, BATCH = 32, 32


def output_of(features: dict[Task, Tensor]) -> ModelOutput:
    """Return a model's output with these features [B, D]; every stream is present."""
    rows = len(features[Task.MULTIMODAL])
    present = dict.fromkeys(features, torch.ones(rows, dtype=torch.bool))
    return ModelOutput(predictions={}, features=features, present=present)


class Situation:
    """Both generators after the first epoch, and batches of random features.

    Args:
        count: N.
        extremes: the number of utterances labelled +3 and -3.
    """

    def __init__(self, count: int, extremes: tuple[int, int]) -> None:
        torch.manual_seed(0)
        highest, lowest = extremes
        self.human = torch.randint(-14, 15, (count,)) / 5
        self.human[: highest + lowest] = torch.tensor([3.0] * highest + [-3.0] * lowest)
        order = torch.randperm(count)
        self.ours = SugrmLabels(clamp=3.0, zero_is_positive=True, extremes="shuffle", first_epoch=2)
        self.ours.reset(self.human, order, batch_size=BATCH)
        self.plain = PlainLabels(self.human, order, batch_size=BATCH, width=WIDTH)
        self.index = order[:BATCH]
        everything = {Task.MULTIMODAL: torch.randn(count, WIDTH)}
        everything |= {task: torch.randn(count, WIDTH) for task in UNIMODAL_TASKS}
        self.ours.after_backward(output_of(everything), torch.arange(count), epoch=1)
        self.plain.update(everything, torch.arange(count), epoch=1)
        self.output = output_of({task: values[self.index] for task, values in everything.items()})

    def check(self) -> None:
        """Raise an error where the labels of both differ."""
        for task, labels in self.ours.generated().items():
            torch.testing.assert_close(labels, self.plain.labels[task], rtol=1e-4, atol=1e-4)

    def case(self, corpus: str, aim: Aim | None) -> Case:
        """Return both updates of one batch in the second epoch."""
        return Case(
            name=f"label update, {corpus}, N = {len(self.human):,}",
            ours=lambda: self.ours.after_backward(self.output, self.index, epoch=2),
            base=lambda: self.plain.update(self.output.features, self.index, epoch=2),
            against="the released rule for each utterance",
            repeats=10,
            aim=aim,
        )


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows of both corpora."""
    for corpus, count, extremes, aim in (("tiny", 90, (4, 3), None),) if quick else CASES:
        situation = Situation(count, extremes)
        row = compare(situation.case(corpus, aim), quick=quick)
        situation.check()
        yield row
