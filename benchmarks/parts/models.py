"""SUGRM and the plain implementation with the same weights; their predictions and gradients.

Of `sugrm` only what earlier commits have too is imported at the top: ``--against`` needs it.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.parts.corpora import Sizes
from sugrm import Batch, ExperimentConfig, build_model, resolve
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


def ours(sizes: Sizes, *options: Mapping[str, Any]) -> nn.Module:
    """Return SUGRM without a text encoder, with the same weights in every process."""
    torch.manual_seed(0)
    return build_model(
        experiment(sizes, *options),
        audio_width=sizes.widths[Modality.AUDIO],
        vision_width=sizes.widths[Modality.VISION],
        text_width=sizes.widths[Modality.TEXT],
    )


def both(sizes: Sizes, *options: Mapping[str, Any]) -> tuple[nn.Module, nn.Module]:
    """Return what `ours` returns, and the plain implementation with its weights."""
    from benchmarks.base.sugrm import PlainSugrm  # earlier commits lack what it imports

    model = ours(sizes, *options)
    plain = PlainSugrm(experiment(sizes, *options).model, dict(sizes.widths))
    plain.load_state_dict(model.state_dict())
    return model, plain


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
