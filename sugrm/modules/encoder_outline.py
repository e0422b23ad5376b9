"""What the configuration of a text encoder tells, without its weights.

The encoder is built on PyTorch's meta device, which has shapes but no memory. So the number of
positions, the linear layers and the number of weights are those of the code that will run, and no
list of architectures has to be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from sugrm.modules.encoder_files import TINY, file_times, loading, read_part
from sugrm.modules.tiny_bert import tiny_model

_TABLES = ("position_embeddings", "embed_positions")
"""Names that transformers gives to the module of absolute positions."""
_READS_BOTH_WAYS = frozenset({"xlnet"})
"""Encoders that transformers lists as language models from left to right alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderOutline:
    """What is known of an encoder before its weights are read.

    Attributes:
        kind: name of the architecture, transformers' ``model_type``.
        refusal: why it cannot be the text encoder, a clause; "" where it can. The other values
            are then those of an encoder without positions, layers and weights.
        positions: the most tokens of a text, marks included; None where nothing limits them.
        linear_layers: names of its linear layers, in the order of the encoder.
        parameters: number of weights without the pooler, which is never read.
        width: D, the width of its hidden states.
        shapes: the shape of each weight and buffer that a file of it holds, without the pooler.
    """

    kind: str
    refusal: str = ""
    positions: int | None = None
    linear_layers: tuple[str, ...] = ()
    parameters: int = 0
    width: int = 0
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def encoder_outline(name: str, *, local: bool = False) -> EncoderOutline:
    """Return the outline of an encoder, cached while its files do not change.

    Args:
        name: hub name, folder or built-in name of the encoder.
        local: True makes no connection: a model of the hub is read from its cache.

    Raises:
        EncoderError: its configuration cannot be loaded.
    """
    return _outline(name, local, files=file_times(name))


@lru_cache(maxsize=32)
@torch.random.fork_rng(devices=[])  # a trial draws the same whether its outline is cached or not
def _outline(name: str, local: bool, *, files: tuple[object, ...]) -> EncoderOutline:
    # Not first within the blocks on the meta device: as it is imported, version 5.0 reads tensors.
    import transformers.modeling_utils  # noqa: F401

    if name == TINY:
        with torch.device("meta"):
            return _outline_of(tiny_model())
    from transformers import AutoConfig, AutoModel

    untyped: Any = AutoModel
    config = read_part(name, AutoConfig, local_files_only=local)
    refusal = _refusal(config)
    if refusal:
        return EncoderOutline(kind=config.model_type, refusal=refusal)
    with loading(name), torch.device("meta"):
        return _outline_of(untyped.from_config(config))


def _refusal(config: Any) -> str:  # noqa: ANN401 - a configuration of any architecture
    """Return why an architecture cannot be the text encoder, as a clause; "" where it can."""
    from transformers.models.auto import modeling_auto as known

    kind = config.model_type
    masked = known.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    causal = known.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    if config.is_encoder_decoder:
        return (
            f"is an encoder-decoder ({kind}): the states that it returns are those of its decoder, "
            "which writes a text of its own"
        )
    one_way = kind in causal and kind not in masked and kind not in _READS_BOTH_WAYS
    if one_way or getattr(config, "is_decoder", False):
        return (
            f"is a decoder ({kind}): the state of a token knows only the tokens before it, and "
            "that of the first, which several systems read for the whole text, knows nothing of it"
        )
    tagging = known.MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
    sizes = (getattr(config, name, None) for name in ("hidden_size", "num_hidden_layers"))
    if kind not in {*masked, *tagging} or not all(isinstance(size, int) for size in sizes):
        return f"({kind}) gives no hidden state for each token of a text"
    return ""


def _outline_of(model: nn.Module) -> EncoderOutline:
    config: Any = model.config
    weights = dict(model.named_parameters())
    linear = (name for name, part in model.named_modules() if isinstance(part, nn.Linear))
    return EncoderOutline(
        kind=config.model_type,
        positions=_positions(model),
        linear_layers=tuple(name for name in linear if not name.startswith("pooler")),
        parameters=sum(w.numel() for part, w in weights.items() if not part.startswith("pooler.")),
        width=config.hidden_size,
        shapes={
            name: tuple(weight.shape)
            for name, weight in model.state_dict().items()
            if not name.startswith("pooler.")
        },
    )


def _positions(model: nn.Module) -> int | None:
    """Return the most tokens that the positions of a model allow.

    RoBERTa and its relatives number positions from ``padding_idx`` + 1, which their table shows.
    Rotary positions have no table; the configuration says up to where they were trained. An
    encoder with relative positions alone (DeBERTa-v3, XLNet) has no limit.
    """
    config: Any = model.config
    stated = getattr(config, "max_position_embeddings", None)
    for name, part in model.named_modules():
        table = getattr(part, "weight", None)
        if name.rpartition(".")[2] in _TABLES and isinstance(table, torch.Tensor):
            padding = getattr(part, "padding_idx", None)
            rows = len(table) - (0 if padding is None else padding + 1)
            return min(rows, stated or rows)
    return stated if getattr(config, "rope_parameters", None) else None
