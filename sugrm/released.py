"""Checkpoints of the paper's released code, loaded into this package's model.

Released names start with ``Model.``. The projections of an attention are packed in one
``in_proj_weight`` of (d + 2 d_in) x d numbers. Where d_in differs from d, its part of keys and
values is a reshaped (not transposed) matrix.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

import torch
from torch import Tensor

from sugrm.config import resolve
from sugrm.config.models import SugrmConfig
from sugrm.errors import CheckpointError
from sugrm.models.build import build_sugrm
from sugrm.models.inputs import ModelInputs
from sugrm.models.sugrm import Sugrm
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Modality, Task

_LETTER = {Modality.AUDIO: "a", Modality.TEXT: "t", Modality.VISION: "v"}
_HEAD_LETTER = {
    Task.MULTIMODAL: "f",
    Task.TEXT: "t",
    Task.AUDIO: "a",
    Task.VISION: "v",
}
_EXCITE = {Modality.AUDIO: "wa", Modality.VISION: "wv", Modality.TEXT: "wl"}
_TEXT_PREFIX = "text_model.model."
_BERT_HEAD_WIDTH = 64
# Weights in a released checkpoint that its model never reads: BERT's pooler, the position numbers
# that old versions of transformers saved, the key norm of the self-attention, and a placeholder.
_UNUSED = re.compile(
    r"^text_model\..*(\.pooler\.|\.position_ids$)"
    r"|^spe\.selflayer\..*\.layer_norm_kv\.|^spe\.embed_positions\._float_tensor$"
)
_EXPECTED = (
    "expected the state_dict that its trainer saves, with names such as Model.se_model.wg.weight"
)

StateDict = Mapping[str, Tensor]


class ReleasedCheckpointError(CheckpointError, ValueError):
    """The checkpoint does not come from the paper's released code."""


def model_from_state_dict(state_dict: StateDict, *, heads: int, layers: int = 4) -> Sugrm:
    """Return the model of a released checkpoint, in evaluation mode.

    Widths are read from shapes. A checkpoint with the text encoder's weights gives a model that
    takes token ids; one without takes ``Batch.text_features``.

    Args:
        state_dict: weights by released name, with or without the leading ``Model.``.
        heads: H, the heads of the sparse attention, which the shapes do not show: 8 for MOSI, 4 for
            MOSEI.
        layers: how often the shared layer is applied, at least 1; the shapes do not show it either.

    Raises:
        ReleasedCheckpointError: a weight is missing, unknown or of another shape.
    """
    released = _Released(
        {name.removeprefix("Model."): weight for name, weight in state_dict.items()}
    )
    widths = {m: len(released[f"se_model.{_EXCITE[m]}.bias"]) for m in Modality}
    width = len(released["spe.layer_norm.bias"])
    options = {"encoder": {"heads": heads, "layers": layers}, "width": width}
    config = resolve({"preset": ["mosi", "released"]}, {"model": options})
    inputs = ModelInputs(widths=widths, tasks=tuple(Task), text_encoder=_text_encoder(released))
    assert isinstance(config.model, SugrmConfig)
    model = build_sugrm(config.model, inputs)
    weights = dict(_renamed(released, width))
    _check_all_read(released)
    _check_shapes(weights, model.state_dict())
    model.load_state_dict(weights)
    return model.eval()


def _check_all_read(released: "_Released") -> None:
    """Raise an error where a checkpoint has weights that the model does not."""
    if unknown := [name for name in released.unread if not _UNUSED.search(name)]:
        raise ReleasedCheckpointError(
            f"not a released SUGRM checkpoint: it also has {', '.join(map(repr, unknown[:5]))} "
            f"({len(unknown)} such names); {_EXPECTED}"
        )


def _check_shapes(weights: StateDict, own: StateDict) -> None:
    """Raise an error where a weight of the model is missing or has another shape."""
    for name in own:
        if name not in weights or weights[name].shape != own[name].shape:
            got = f"shape {[*weights[name].shape]}" if name in weights else "no such weight"
            raise ReleasedCheckpointError(
                f"not a released SUGRM checkpoint: {name} needs shape {[*own[name].shape]}, got "
                f"{got}; {_EXPECTED}"
            )


class _Released(dict[str, Tensor]):
    """Released weights by name; it records which were read and raises for a missing one."""

    def __init__(self, weights: StateDict) -> None:
        super().__init__(weights)
        self.unread = dict.fromkeys(weights)

    def __getitem__(self, name: str) -> Tensor:
        self.unread.pop(name, None)
        return super().__getitem__(name)

    def __missing__(self, name: str) -> NoReturn:
        raise ReleasedCheckpointError(
            f"not a released SUGRM checkpoint: it has no {name!r}; {_EXPECTED}"
        ) from None


def _text_encoder(released: StateDict) -> TextEncoder | None:
    bert = _Released(dict(_text_weights(released)))
    if not bert:
        return None
    from transformers import BertConfig, BertModel

    vocabulary, width = bert["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=1 + max(int(n.split(".")[2]) for n in bert if n.startswith("encoder.")),
        num_attention_heads=max(1, width // _BERT_HEAD_WIDTH),
        intermediate_size=len(bert["encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(bert["embeddings.position_embeddings.weight"]),
        type_vocab_size=len(bert["embeddings.token_type_embeddings.weight"]),
    )
    return TextEncoder(BertModel(config, add_pooling_layer=False), finetune=True)


def _text_weights(released: StateDict) -> Iterator[tuple[str, Tensor]]:
    """Yield the text encoder's own names and weights."""
    for name in released:
        if name.startswith(_TEXT_PREFIX) and not _UNUSED.search(name):
            yield name.removeprefix(_TEXT_PREFIX), released[name]


def _renamed(released: StateDict, width: int) -> Iterator[tuple[str, Tensor]]:
    """Yield this package's names and weights from the released ones."""
    for name, weight in _text_weights(released):
        yield f"text_encoder.model.{name}", weight
    for ours, theirs in _linear_names():
        for kind in ("weight", "bias"):
            yield f"{ours}.{kind}", released[f"{theirs}.{kind}"]
    yield "encoder.start", released["spe.init_hiddens"]
    for ours, theirs in _attention_names():
        weight = released[f"{theirs}.attn.in_proj_weight"]
        bias = released[f"{theirs}.attn.in_proj_bias"]
        for projection, part, part_bias in unpack(weight, bias, width=width):
            yield f"{ours}.{projection}.weight", part
            yield f"{ours}.{projection}.bias", part_bias


def unpack(weight: Tensor, bias: Tensor, *, width: int) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Yield (projection, [width, d_in] weight, [width] bias) of a packed projection."""
    keys_values = weight[width:]
    if len(keys_values) != 2 * width:
        keys_values = keys_values.reshape(-1, 2 * width).T
    parts = (weight[:width], *torch.chunk(keys_values, 2))
    yield from zip(("query", "key", "value"), parts, torch.chunk(bias, 3), strict=True)


def _blocks() -> Iterator[tuple[str, str, str]]:
    """Yield (our block, released layer, letters) of every attention block."""
    for m, letter in _LETTER.items():
        yield f"encoder.input.{m}", "hiddenlayer", letter
        yield f"encoder.own.{m}", "selflayer", letter
    yield "encoder.cross.audio_text", "crosslayer", "at"
    yield "encoder.cross.text_vision", "crosslayer", "tv"
    yield "encoder.cross.vision_audio", "crosslayer", "va"


def _attention_names() -> Iterator[tuple[str, str]]:
    for ours, layer, letters in _blocks():
        yield f"{ours}.attention", f"spe.{layer}.mha_{letters}"


def _linear_names() -> Iterator[tuple[str, str]]:
    """Yield (our module, released module) of each module but the packed projections."""
    yield "recalibration.squeeze", "se_model.wg"
    for m, name in _EXCITE.items():
        yield f"recalibration.excite.{m}", f"se_model.{name}"
    for ours, layer, letters in _blocks():
        attention, feed_forward = f"spe.{layer}.mha_{letters}", f"spe.{layer}.ffn_{letters}"
        yield f"{ours}.attention.out", f"{attention}.attn.out_proj"
        yield f"{ours}.attention.norm", f"{attention}.layer_norm"
        if layer != "selflayer":  # the released self-attention has a key norm that it never uses
            yield f"{ours}.attention.key_norm", f"{attention}.layer_norm_kv"
        yield f"{ours}.feed_forward.expand", f"{feed_forward}.fc1"
        yield f"{ours}.feed_forward.contract", f"{feed_forward}.fc2"
        yield f"{ours}.feed_forward.norm", f"{feed_forward}.layer_norm"
    yield "encoder.norm", "spe.layer_norm"
    for task, letter in _HEAD_LETTER.items():
        yield f"heads.{task}.hidden", f"proj1_{letter}"
        yield f"heads.{task}.project", f"proj2_{letter}"
        yield f"heads.{task}.out", f"out_layer_{letter}"
