"""From a drawn moment of Self-MM's label generation to the package's own values."""

import torch

from sugrm.labels.banked_state import Bank, BankedState, with_features
from sugrm.labels.self_mm_step import with_labels
from sugrm.labels.state import COUNTERS
from sugrm.types import ModelOutput, Task


def state_of(situation):
    banks = zip(Task, situation.banks, situation.filled, strict=True)
    return BankedState(
        human=torch.tensor(situation.human),
        labels=torch.tensor(situation.previous),
        banks={
            task: Bank(features=torch.tensor(bank), filled=torch.tensor(filled))
            for task, bank, filled in banks
        },
        counters=torch.zeros(len(COUNTERS), dtype=torch.int64),
    )


def output_of(situation, tasks=tuple(Task)):
    features = {t: torch.tensor(f) for t, f in zip(Task, situation.features, strict=True)}
    present = dict(zip(Task, torch.tensor(situation.present), strict=True))
    return ModelOutput(
        predictions={task: features[task].sum(dim=1) for task in tasks},
        features={task: features[task] for task in tasks},
        present={task: present[task] for task in tasks},
    )


def step(situation, state=None, output=None, *, bound=3.0, exclude_zero=True):
    """Return the state after the labels and the features of a batch."""
    index, output = torch.tensor(situation.index), output or output_of(situation)
    moved = with_labels(
        state or state_of(situation),
        output,
        index=index,
        epoch=situation.epoch,
        bound=bound,
        exclude_zero=exclude_zero,
    )
    return with_features(moved, output, index=index)


def counted(state):
    return dict(zip(COUNTERS, state.counters.tolist(), strict=True))
