"""Systems, one per file; ``build_model`` makes the one that an experiment names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from sugrm.argument_checks import EXPERIMENT, check_type, checked_bound, checked_size
from sugrm.config.experiment import ExperimentConfig
from sugrm.config.registry import builder_of
from sugrm.errors import EncoderError, PluginError
from sugrm.models.build import build_sugrm
from sugrm.models.ef_lstm import build_ef_lstm
from sugrm.models.inputs import ModelInputs
from sugrm.models.lf_lstm import build_lf_lstm
from sugrm.models.mag_bert import build_mag_bert
from sugrm.models.mctn import build_mctn
from sugrm.models.mult import build_mult
from sugrm.models.raven import build_raven
from sugrm.models.self_mm import build_self_mm
from sugrm.models.spt import build_spt
from sugrm.models.text_only import build_text_only
from sugrm.models.tfn import build_tfn
from sugrm.modules.text_checks import check_text
from sugrm.modules.text_encoder import TextEncoder, load_text_encoder
from sugrm.types import LABEL_BOUND, Modality

__all__ = ["MODELS", "ModelInputs", "build_around", "build_model"]

MODELS: Mapping[str, Callable[..., nn.Module]] = {
    "text_only": build_text_only,
    "ef_lstm": build_ef_lstm,
    "lf_lstm": build_lf_lstm,
    "tfn": build_tfn,
    "raven": build_raven,
    "mctn": build_mctn,
    "mult": build_mult,
    "spt": build_spt,
    "mag_bert": build_mag_bert,
    "self_mm": build_self_mm,
    "sugrm": build_sugrm,
}
"""Name of a system's options -> (options, ``ModelInputs``) -> system."""


def build_model(
    config: ExperimentConfig,
    *,
    audio_width: int,
    vision_width: int,
    text_width: int | None = None,
    text_steps: int | None = None,
    label_bound: float = LABEL_BOUND,
) -> nn.Module:
    """Return the model of an experiment, initialised from torch's generator.

    Args:
        config: the experiment; its model and its tasks are read.
        audio_width: D, the width of the audio frames, at least 1.
        vision_width: D, the width of the vision frames, at least 1.
        text_width: D, the width of given text features, at least 1; None loads the text encoder
            that the options name.
        text_steps: the most tokens of an utterance, at least 1; None takes ``text.max_tokens``.
        label_bound: the largest absolute label of the dataset, above 0.

    Raises:
        ArgumentError: ``config`` is no experiment, a width no whole number of at least 1, or
            ``label_bound`` no number above 0.
        PluginError: a plug-in builds no module.
        EncoderError: the text encoder cannot be loaded or cannot serve, or the system needs tokens.
    """
    inputs = _inputs(
        config,
        audio_width=audio_width,
        vision_width=vision_width,
        text_width=text_width,
        text_steps=text_steps,
        label_bound=label_bound,
    )
    text = config.model.text
    if text_width is None and Modality.TEXT in config.model.streams:
        check_text(text)
        encoder = load_text_encoder(text.name, finetune=text.finetune, lora=text.lora)
        inputs = _with_encoder(inputs, encoder)
    return _built(config, inputs)


def build_around(
    config: ExperimentConfig, encoder: TextEncoder, *, sizes: Mapping[str, Any]
) -> nn.Module:
    """Return the model of an experiment with a text encoder that the caller has made.

    Args:
        config: the experiment, whose system reads the text as tokens.
        encoder: the text encoder; the name in ``config`` is not read.
        sizes: the keyword arguments of ``build_model``, without ``text_width``.

    Raises:
        ArgumentError: as ``build_model``.
        EncoderError: the system cannot work inside this encoder.
    """
    return _built(config, _with_encoder(_inputs(config, **sizes), encoder))


def _built(config: ExperimentConfig, inputs: ModelInputs) -> nn.Module:
    if inputs.text_encoder is not None:
        inputs.text_encoder.leaves_padding = not config.model.pads_fully
    name, added = config.model.name, builder_of(config.model)
    if added is None:
        return MODELS[name](config.model, inputs)
    model = added(config.model, inputs)
    if not isinstance(model, nn.Module):
        raise PluginError(
            f"build of the system {name} returned {type(model).__name__}; expected an nn.Module"
        )
    return model


def _inputs(
    config: ExperimentConfig,
    *,
    audio_width: int,
    vision_width: int,
    text_width: int | None = None,
    text_steps: int | None = None,
    label_bound: float = LABEL_BOUND,
) -> ModelInputs:
    """Return the checked sizes that a system is built for, without a text encoder."""
    check_type("config", config, kind=ExperimentConfig, expected=EXPERIMENT)
    audio_width = checked_size("audio_width", audio_width)
    vision_width = checked_size("vision_width", vision_width)
    text_width = None if text_width is None else checked_size("text_width", text_width)
    text_steps = None if text_steps is None else checked_size("text_steps", text_steps)
    if text_width is not None and config.model.READS_TOKENS:
        raise _needs_tokens(config.model.name)
    return ModelInputs(
        widths={
            Modality.TEXT: text_width or 0,
            Modality.AUDIO: audio_width,
            Modality.VISION: vision_width,
        },
        tasks=config.objective.tasks,
        alignment=config.alignment,
        text_steps=text_steps or config.model.text.max_tokens,
        label_bound=checked_bound(label_bound),
    )


def _needs_tokens(name: str) -> EncoderError:
    return EncoderError(
        f"model {name} works inside its text encoder and needs token ids; got text features of the "
        "corpus; use a corpus with raw_text, or another model"
    )


def _with_encoder(inputs: ModelInputs, encoder: TextEncoder) -> ModelInputs:
    widths = {**inputs.widths, Modality.TEXT: encoder.width}
    return replace(inputs, text_encoder=encoder, widths=widths)
