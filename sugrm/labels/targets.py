"""Labels that move towards the targets of a rule, with the paper's momentum."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.labels.banked_state import BankedState
from sugrm.labels.state import COUNTERS
from sugrm.labels.ulgm import momentum_update
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The labels that one modality of a batch moves towards.

    Attributes:
        labels: [B] labels; where they are undefined the human label takes their place.
        undefined: counter (a name in `COUNTERS`) -> [B] or scalar bool, True where the rule has no
            label for this reason. No utterance has two reasons.
    """

    labels: Tensor
    undefined: Mapping[str, Tensor]


def with_targets(
    state: BankedState,
    output: ModelOutput,
    *,
    index: Tensor,
    epoch: int,
    targets: Mapping[Task, Targets],
) -> BankedState:
    """Return the state after the labels of a batch have moved towards their targets.

    The label of a modality without targets, or whose stream is absent, stays as it was. For each
    reason an utterance counts once, however many of its modalities are undefined.

    Args:
        state: the state before the step.
        output: the model's output; only where streams are present is read.
        index: [B] int64 rows of the batch's utterances, each at most once.
        epoch: number of the epoch, from 1.
        targets: unimodal task -> where its labels move.
    """
    human = state.human[index]
    labels = dict(zip(UNIMODAL_TASKS, state.labels, strict=True))
    undefined = dict.fromkeys(COUNTERS, torch.zeros_like(human, dtype=torch.bool))
    for task, target in targets.items():
        previous, present, towards = labels[task][index], output.present[task], target.labels
        for name, where in target.undefined.items():
            towards = torch.where(where, human, towards)
            undefined[name] = undefined[name] | (present & where)
        moved = torch.where(present, momentum_update(previous, towards, epoch=epoch), previous)
        labels[task] = labels[task].index_copy(0, index, moved)
    counts = torch.stack([undefined[name].sum() for name in COUNTERS])
    stacked = torch.stack([labels[task] for task in UNIMODAL_TASKS])
    return replace(state, labels=stacked, counters=state.counters + counts)
