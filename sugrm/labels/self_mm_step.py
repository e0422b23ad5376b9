"""One step of Self-MM's labels, as a pure function.

The centres are means over the banks under the present labels, so the state does not hold them.
Source: Yu et al., AAAI 2021, see `sugrm.labels.relative_shift`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sugrm.labels.banked_state import (
    BankedState,
    Targets,
    bank_of,
    features_of,
    with_targets,
)
from sugrm.labels.relative_shift import centre, relative_distance, shifted_label
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The position of a batch relative to the centres of a task.

    Attributes:
        alpha: [B] relative distances.
        no_distance: [B] bool, True where alpha is undefined.
        no_centre: scalar bool, True where one of the two centres has no utterance.
    """

    alpha: Tensor
    no_distance: Tensor
    no_centre: Tensor


def with_labels(
    state: BankedState,
    output: ModelOutput,
    *,
    index: Tensor,
    epoch: int,
    bound: float,
    exclude_zero: bool,
) -> BankedState:
    """Return the state after the labels of a batch have moved.

    Where a centre has no utterance, D_p or alpha_m is 0, the label moves towards the human one
    and the utterance is counted. The label of a modality that the output lacks, or whose stream
    is absent, stays as it was.

    Args:
        state: the state before the step.
        output: the model's output, with features [B, D] for each task.
        index: [B] int64 rows of the batch's utterances, each at most once.
        epoch: number of the epoch, from 1.
        bound: H, the largest absolute label, above 0.
        exclude_zero: True counts label 0 to neither centre, False to the positive one.
    """
    human = state.human[index]
    fusion = _place(
        state, Task.MULTIMODAL, output=output, labels=state.human, exclude_zero=exclude_zero
    )
    targets = {}
    for row, task in enumerate(UNIMODAL_TASKS):
        if task not in output.features:
            continue
        labels = state.labels[row]
        own = _place(state, task, output=output, labels=labels, exclude_zero=exclude_zero)
        shifted, tied = shifted_label(human, fusion.alpha, modality=own.alpha, bound=bound)
        nowhere = fusion.no_centre | own.no_centre
        undirected = (fusion.no_distance | own.no_distance | tied) & ~nowhere
        targets[task] = Targets(
            labels=shifted,
            undefined={"undefined_centre": nowhere, "undefined_direction": undirected},
        )
    return with_targets(state, output, index=index, epoch=epoch, targets=targets)


def _place(
    state: BankedState, task: Task, *, output: ModelOutput, labels: Tensor, exclude_zero: bool
) -> _Place:
    """Return the position of a batch relative to the centres of the bank under [N] ``labels``."""
    bank = bank_of(state, task, output=output)
    positive = labels > 0 if exclude_zero else labels >= 0
    counted = torch.stack([positive, labels < 0]) & bank.filled
    positive, negative = (centre(bank.features, rows) for rows in counted)
    alpha, no_distance = relative_distance(
        features_of(output, task), positive=positive, negative=negative
    )
    return _Place(alpha=alpha, no_distance=no_distance, no_centre=~counted.any(dim=1).all())
