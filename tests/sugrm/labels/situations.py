"""From a drawn moment of label generation to the package's own values, and one step on."""

from copy import deepcopy
from dataclasses import replace

import torch

from sugrm.labels import LabelLimits
from sugrm.labels.extremes import EXTREME_WEIGHTS
from sugrm.labels.state import initial_state, update_state
from sugrm.types import ModelOutput, Task


def state_of(situation, *, zero_is_positive=False, extremes="equal"):
    order = torch.tensor(situation.order)
    repetitions = EXTREME_WEIGHTS[extremes](order, situation.batch_size)
    human = torch.tensor(situation.human)
    state = initial_state(human, repetitions, zero_is_positive=zero_is_positive)
    bank = torch.tensor(situation.bank)
    means = state.mean_weights @ bank.double()
    return replace(state, labels=torch.tensor(situation.previous), bank=bank, means=means)


def output_of(situation):
    features = dict(zip(Task, torch.tensor(situation.features), strict=True))
    present = dict(zip(Task, torch.tensor(situation.present), strict=True))
    predictions = {task: feature.sum(dim=1) for task, feature in features.items()}
    return ModelOutput(predictions=predictions, features=features, present=present)


def step(situation, state=None, output=None, *, clamp=None, generate=True):
    """Return the state after a step; the state given stays as it was."""
    after = deepcopy(state) if state else state_of(situation)
    update_state(
        after,
        output or output_of(situation),
        index=torch.tensor(situation.index),
        generate=generate,
        epoch=situation.epoch,
        limits=LabelLimits(clamp=clamp),
    )
    return after
