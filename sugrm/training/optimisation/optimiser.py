"""Parameter groups and the optimiser.

Source: Hwang & Kim 2023, Table 7 (Adam; a rate for BERT, one for the others), and the released
trainer's groups: text encoder with and without decay, sequence encoder, everything else.
"""

import torch
from torch import nn

from sugrm.config.sections.training import TrainingConfig

_PREFIXES = {
    "text": ("text_encoder.",),
    "audio": ("audio_encoder.", "encoder.audio_encoder."),
    "vision": ("vision_encoder.", "encoder.vision_encoder."),
    "encoder": ("encoder.",),
}
"""Group -> how the names of its parameters start, the first that fits; the rest are ``others``."""
PARTS = (*_PREFIXES, "others")
"""The groups of parameters, by the names of their learning rates."""


def part_of(name: str) -> str:
    """Return the group of a parameter, by its name in the model.

    >>> part_of("encoder.vision_encoder.lstm.bias_hh_l0"), part_of("heads.M.out.bias")
    ('vision', 'others')
    """
    starts = (part for part, prefixes in _PREFIXES.items() if name.startswith(prefixes))
    return next(starts, "others")


def parameter_groups(model: nn.Module, config: TrainingConfig) -> list[dict[str, object]]:
    """Return the optimiser's groups: text with and without decay, streams, encoder, others.

    Biases and normalisations of the text encoder have no decay. Frozen parameters and empty
    groups are left out.
    """
    members: dict[str, list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            members.setdefault(_group_of(name), []).append(parameter)
    rates, decays = _rates(config), _decays(config)
    return [
        {"params": members[group], "lr": rates[group], "weight_decay": decays[group]}
        for group in ("text", "undecayed text", "audio", "vision", "encoder", "others")
        if group in members
    ]


def _group_of(name: str) -> str:
    part = part_of(name)
    return "undecayed text" if part == "text" and _undecayed(name) else part


def _rates(config: TrainingConfig) -> dict[str, float]:
    rate = config.learning_rate
    encoder = rate.others if rate.encoder is None else rate.encoder
    return {
        "text": rate.text,
        "undecayed text": rate.text,
        "audio": encoder if rate.audio is None else rate.audio,
        "vision": encoder if rate.vision is None else rate.vision,
        "encoder": encoder,
        "others": rate.others,
    }


def _decays(config: TrainingConfig) -> dict[str, float]:
    decay = config.weight_decay
    return {
        "text": decay.text,
        "undecayed text": 0.0,
        "audio": decay.encoder if decay.audio is None else decay.audio,
        "vision": decay.encoder if decay.vision is None else decay.vision,
        "encoder": decay.encoder,
        "others": decay.others,
    }


def _undecayed(name: str) -> bool:
    return name.endswith("bias") or "norm" in name.lower()


def build_optimiser(model: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return Adam (decay added to the gradient, L2) or AdamW (decoupled decay)."""
    groups = parameter_groups(model, config)
    if config.optimiser == "adamw":
        return torch.optim.AdamW(groups, fused=True)
    return torch.optim.Adam(groups, fused=True)
