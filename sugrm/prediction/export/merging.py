"""A trained model whose text encoder has an adapter (LoRA), as one with a plain text encoder."""

from dataclasses import replace

import torch

from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import ArgumentError
from sugrm.models import build_around
from sugrm.modules.text_encoder import TextEncoder, encoder_in
from sugrm.training.checkpoints.trained import Trained

_PREFIX = "text_encoder."


def merged_model(trained: Trained) -> Trained:
    """Return a copy of a model in which the adapter is part of the encoder's own weights.

    It is as if the whole encoder had been fine-tuned, so peft is not needed to use it. Its scores
    are those of ``trained`` but for rounding. Torch's generators are left as they were.

    Args:
        trained: a model that was trained with ``model.text.lora``; it stays as it is.

    Raises:
        ArgumentError: it has no adapter.
    """
    encoder = encoder_in(trained.model)
    if encoder is None or encoder.lora is None:
        raise ArgumentError(
            "the model has no adapter to merge; expected one that was trained with model.text.lora"
        )
    config = _without_lora(trained.config)
    with torch.random.fork_rng(devices=[]):
        plain = TextEncoder(encoder.merged(), finetune=True)
        model = build_around(config, plain, sizes=trained.sizes)
    others = {
        name: weight
        for name, weight in trained.model.state_dict().items()
        if not name.startswith(_PREFIX)
    }
    model.load_state_dict(others, strict=False)
    return replace(trained, model=model.eval(), config=config)


def _without_lora(config: ExperimentConfig) -> ExperimentConfig:
    text = config.model.text.model_copy(update={"lora": None})
    return config.model_copy(update={"model": config.model.model_copy(update={"text": text})})
