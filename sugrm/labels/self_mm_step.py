"""One step of Self-MM's labels, as a pure function.

The centres are means over the banks under the present labels, so the state does not hold them.
Source: Yu et al., AAAI 2021, see `sugrm.labels.relative_shift`.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.labels.banked_state import BankedState, bank_of, features_of
from sugrm.labels.relative_shift import centre, relative_distance, shifted_label
from sugrm.labels.state import COUNTERS
from sugrm.labels.ulgm import momentum_update
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
    labels = dict(zip(UNIMODAL_TASKS, state.labels, strict=True))
    no_centre = no_direction = torch.zeros_like(human, dtype=torch.bool)
    fusion = _place(
        state, Task.MULTIMODAL, output=output, labels=state.human, exclude_zero=exclude_zero
    )
    for task in UNIMODAL_TASKS:
        if task not in output.features:
            continue
        own = _place(state, task, output=output, labels=labels[task], exclude_zero=exclude_zero)
        target, tied = shifted_label(human, fusion.alpha, modality=own.alpha, bound=bound)
        nowhere = fusion.no_centre | own.no_centre
        undirected = fusion.no_distance | own.no_distance | tied
        target = torch.where(nowhere | undirected, human, target)
        previous, present = labels[task][index], output.present[task]
        values = torch.where(present, momentum_update(previous, target, epoch=epoch), previous)
        labels[task] = labels[task].index_copy(0, index, values)
        no_centre = no_centre | (present & nowhere)
        no_direction = no_direction | (present & undirected & ~nowhere)
    counts = {"undefined_direction": no_direction, "undefined_centre": no_centre}
    never = torch.zeros_like(no_centre)
    counted = torch.stack([counts.get(name, never).sum() for name in COUNTERS])
    stacked = torch.stack([labels[task] for task in UNIMODAL_TASKS])
    return replace(state, labels=stacked, counters=state.counters + counted)


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
