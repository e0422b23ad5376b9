"""Systems, one a file; ``build_model`` makes the one that an experiment names."""

from collections.abc import Callable, Mapping

from torch import nn

from sugrm.config.experiment import ExperimentConfig
from sugrm.models.build import build_sugrm
from sugrm.modules.text_encoder import load_text_encoder
from sugrm.types import Modality

__all__ = ["MODELS", "build_model"]

MODELS: Mapping[str, Callable[..., nn.Module]] = {"sugrm": build_sugrm}


def build_model(
    config: ExperimentConfig, *, audio_width: int, vision_width: int, text_width: int | None = None
) -> nn.Module:
    """Return the model of an experiment, initialised from torch's generator.

    Args:
        config: the experiment; its model and its tasks are read.
        audio_width: D of the audio frames.
        vision_width: D of the vision frames.
        text_width: D of given text features; None loads the text encoder that the options name.

    Raises:
        EncoderError: the text encoder cannot be loaded.
    """
    encoder = None
    if text_width is None:
        text = config.model.text
        encoder = load_text_encoder(text.name, finetune=text.finetune)
        text_width = encoder.width
    widths = {
        Modality.TEXT: text_width,
        Modality.AUDIO: audio_width,
        Modality.VISION: vision_width,
    }
    return MODELS[config.model.name](config.model, config.objective, widths, encoder)
