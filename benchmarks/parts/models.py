"""SUGRM and the plain implementation with the same weights."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.base.sugrm import PlainSugrm
from benchmarks.parts.corpora import Sizes
from sugrm import Batch, ExperimentConfig, build_model, resolve
from sugrm.modules.sparse_phased import SparsePhasedTransformer
from sugrm.objectives import build_objective
from sugrm.training.optimisation.optimiser import build_optimiser
from sugrm.training.optimisation.precision import autocast
from sugrm.types import Modality

NO_DROPOUT: Mapping[str, Any] = {
    "model": {
        "output_dropout": 0.0,
        "encoder": {
            f"{name}_dropout": 0.0 for name in ("attention", "relu", "residual", "embedding")
        },
    }
}


def experiment(sizes: Sizes, *options: Mapping[str, Any]) -> ExperimentConfig:
    """Return the paper's experiment on a corpus, with the dropout of its preset."""
    return resolve({"preset": [sizes.corpus, "paper"]}, *options)


def both(sizes: Sizes, *options: Mapping[str, Any]) -> tuple[nn.Module, nn.Module]:
    """Return SUGRM without a text encoder, and the plain implementation with its weights."""
    torch.manual_seed(0)
    config = experiment(sizes, *options)
    ours = build_model(
        config,
        audio_width=sizes.widths[Modality.AUDIO],
        vision_width=sizes.widths[Modality.VISION],
        text_width=sizes.widths[Modality.TEXT],
    )
    plain = PlainSugrm(config.model, dict(sizes.widths))
    plain.load_state_dict(ours.state_dict())
    return ours, plain


def forward(model: nn.Module, batch: Batch) -> Tensor:
    """Return the sum of the squares of all predictions."""
    return torch.stack([p.square().sum() for p in model(batch).predictions.values()]).sum()


def backward(model: nn.Module, batch: Batch) -> None:
    """Compute the gradients of `forward`, that of the text features too."""
    assert batch.text_features is not None
    model.zero_grad(set_to_none=True)
    batch.text_features.grad = None
    batch.text_features.requires_grad_()
    torch.autograd.backward(forward(model, batch))


def gradients(model: nn.Module, batch: Batch) -> dict[str, Tensor]:
    """Return the gradients of all weights and of the text features."""
    backward(model, batch)
    assert batch.text_features is not None
    assert batch.text_features.grad is not None
    found = {"text_features": batch.text_features.grad}
    found |= {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return found


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
