"""Whole training steps and evaluations of one batch."""

from collections.abc import Callable

import torch
from torch import nn

from sugrm import Batch, ExperimentConfig
from sugrm.modules.sparse_phased import SparsePhasedTransformer
from sugrm.objectives import build_objective
from sugrm.training.optimisation.optimiser import build_optimiser
from sugrm.training.optimisation.precision import autocast


def training_step(
    config: ExperimentConfig, model: nn.Module, batch: Batch, *, precision: str = "float32"
) -> Callable[[], None]:
    """Return a whole training step in the third epoch: gradients, labels, optimiser.

    Args:
        config: the experiment.
        model: a model of it.
        batch: a training batch on the model's device.
        precision: ``float32`` or ``bfloat16``.
    """
    optimiser = build_optimiser(model, config.training)
    objective = build_objective(config.objective, batch_size=len(batch))
    labels = batch.labels
    assert labels is not None
    objective.reset(labels, torch.arange(len(batch)), device=labels.device)

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        with autocast(labels.device, precision):
            output = model(batch)
        torch.autograd.backward(objective.loss(output, batch))
        objective.after_backward(output, batch, epoch=3)
        optimiser.step()

    model.train()
    return step


def evaluation(model: nn.Module, batch: Batch, *, precision: str = "float32") -> Callable[[], None]:
    """Return the predictions of a batch in evaluation mode.

    Inference mode would show composite operations, and dropout, which then starts no kernel.
    """
    model.eval()

    def predict() -> None:
        with torch.no_grad(), autocast(batch.audio.device, precision):
            model(batch)

    return predict


def force(model: nn.Module, *, packed: bool) -> None:
    """Make the encoder compute packed rows without padding, or padded rows."""
    for module in model.modules():
        if isinstance(module, SparsePhasedTransformer):
            module.packed = packed
