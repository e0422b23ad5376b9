"""Parameter groups and the optimiser.

Source: Hwang & Kim 2023, Table 7 (Adam; a rate for BERT, one for the others), and the released
trainer's groups: text encoder with and without decay, sequence encoder, everything else.
"""

from collections.abc import Iterable

import torch
from torch import nn

from sugrm.config.training import TrainingConfig

_TEXT, _ENCODER = "text_encoder.", "encoder."


def parameter_groups(model: nn.Module, config: TrainingConfig) -> list[dict[str, object]]:
    """Return the optimiser's groups: text, text without decay, encoder, others.

    Biases and normalisations of the text encoder have no decay. Frozen parameters and empty
    groups are left out.
    """
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    text = [(name, p) for name, p in named if name.startswith(_TEXT)]
    encoder = [p for name, p in named if name.startswith(_ENCODER)]
    others = [p for name, p in named if not name.startswith((_TEXT, _ENCODER))]
    rate, decay = config.learning_rate, config.weight_decay
    encoder_rate = rate.others if rate.encoder is None else rate.encoder
    groups = [
        _group((p for name, p in text if not _undecayed(name)), rate.text, decay.text),
        _group((p for name, p in text if _undecayed(name)), rate.text, 0.0),
        _group(encoder, encoder_rate, decay.encoder),
        _group(others, rate.others, decay.others),
    ]
    return [group for group in groups if group["params"]]


def _group(parameters: Iterable[nn.Parameter], rate: float, decay: float) -> dict[str, object]:
    return {"params": list(parameters), "lr": rate, "weight_decay": decay}


def _undecayed(name: str) -> bool:
    return name.endswith("bias") or "norm" in name.lower()


def build_optimiser(model: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return Adam (decay added to the gradient, L2) or AdamW (decoupled decay)."""
    groups = parameter_groups(model, config)
    if config.optimiser == "adamw":
        return torch.optim.AdamW(groups, fused=True)
    return torch.optim.Adam(groups, fused=True)
