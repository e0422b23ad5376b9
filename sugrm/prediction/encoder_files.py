"""The text encoder in a model folder: its configuration, its tokeniser, weights that stay frozen.

The folder ``text_encoder`` has the form of transformers, so that nothing else is needed to load it:
neither the hub nor a network.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sugrm.config.sections.text import LoraConfig
from sugrm.errors import ModelFolderError, first_line
from sugrm.modules.encoder_files import hub_name
from sugrm.modules.text_encoder import TextEncoder, Tokeniser, load_text_encoder
from sugrm.prediction.description import ENCODER_FOLDER, EncoderFiles
from sugrm.prediction.weights import file_digest, read_weights, write_weights
from sugrm.training.checkpoints.weights_digest import weights_digest

WEIGHTS = "model.safetensors"
_LOCAL: Mapping[str, Any] = {"local_files_only": True, "trust_remote_code": False}
"""Options of ``from_pretrained``; without the second one transformers asks to execute code."""


def write_encoder(
    folder: Path,
    encoder: TextEncoder,
    *,
    name: str,
    tokeniser: Tokeniser,
    leaves_base: bool = False,
) -> EncoderFiles:
    """Write a text encoder into the folder of a model; return its entry for ``config.json``.

    The weights of one that was fine-tuned are not written: they lie in the model's own files. Of
    one with an adapter the adapter lies there, and its own weights are left out.

    Args:
        folder: the folder of the model.
        encoder: the encoder.
        name: its name when the model was trained.
        tokeniser: its tokeniser.
        leaves_base: whether weights that were not trained are left out, and named by their hash.
    """
    place = folder / ENCODER_FOLDER
    place.mkdir()
    config: Any = encoder.model.config
    config.save_pretrained(place)
    tokeniser.save(place)
    files = {each.name: file_digest(each) for each in sorted(place.iterdir()) if each.is_file()}
    weights, base = None, None
    if not encoder.trains_weights and leaves_base:
        base = weights_digest(encoder.own_weights())
    elif not encoder.trains_weights:
        weights = write_weights(place / WEIGHTS, encoder.own_weights())
    return EncoderFiles(
        name=name,
        finetuned=encoder.finetune,
        max_tokens=tokeniser.max_tokens,
        weights=weights,
        files=files,
        base=base,
    )


def read_tokeniser(folder: Path, files: EncoderFiles) -> Tokeniser:
    """Return the tokeniser of a model folder.

    Raises:
        ModelFolderError: its files are missing or damaged.
    """
    from transformers import AutoTokenizer

    place = folder / ENCODER_FOLDER
    with _naming(place, "tokeniser"):
        found: Any = AutoTokenizer
        return Tokeniser(found.from_pretrained(place, **_LOCAL), files.max_tokens)


def read_encoder(
    folder: Path, files: EncoderFiles, *, lora: LoraConfig | None = None
) -> TextEncoder:
    """Return the text encoder of a model folder; what was trained of it has no weights yet.

    Args:
        folder: the folder of the model.
        files: the entry of the encoder in its ``config.json``.
        lora: options of the adapter that was trained; None without one.

    Raises:
        ModelFolderError: its files are missing or damaged, or do not fit each other, or weights
            that are not in the folder are others than in training.
        EncoderError: it has an adapter, and peft is not installed; or weights that are not in the
            folder cannot be loaded.
    """
    if files.base is not None:
        return _with_base(folder, files, lora=lora)
    from transformers import AutoConfig, AutoModel

    place = folder / ENCODER_FOLDER
    configs: Any = AutoConfig
    models: Any = AutoModel
    with _naming(place, "text encoder"):
        config = configs.from_pretrained(place, **_LOCAL)
        _check_kernel(config)
        model = models.from_config(config, dtype=torch.float32)
    if getattr(model, "pooler", None) is not None:
        model.pooler = None  # its output is never read
    if files.weights is not None:
        _fill(model, place / files.weights.file)
    return TextEncoder(model, finetune=files.finetuned, lora=lora, base=hub_name(files.name))


def _with_base(folder: Path, files: EncoderFiles, *, lora: LoraConfig | None) -> TextEncoder:
    """Return an encoder whose own weights come from where they came from in training."""
    encoder = load_text_encoder(files.name, finetune=files.finetuned, lora=lora)
    if weights_digest(encoder.own_weights()) != files.base:
        raise ModelFolderError(
            f"{folder} needs the weights of the text encoder {files.name!r} that it was trained "
            "with, and those of this machine are others; use the same version of the encoder, or "
            "export the model again without --adapter"
        )
    return encoder


def _fill(model: nn.Module, path: Path) -> None:
    weights = read_weights(path)
    own = model.state_dict()
    shapes = {name: tensor.shape for name, tensor in weights.items()}
    if shapes != {name: tensor.shape for name, tensor in own.items()}:
        raise ModelFolderError(
            f"{path} does not hold the weights of the text encoder that config.json beside it "
            "describes; export the model again"
        )
    model.load_state_dict(weights)


def _check_kernel(config: Any) -> None:  # noqa: ANN401 - a configuration of any architecture
    """Raise an error where a configuration names code of the hub for its attention."""
    name = config._attn_implementation
    if isinstance(name, str) and "/" in name:
        raise ValueError(f"its attention is {name}, code of the hub, which is not executed")


@contextlib.contextmanager
def _naming(place: Path, what: str) -> Iterator[None]:
    """Name the folder in whatever error transformers raises for missing or damaged files."""
    try:
        yield
    except Exception as error:
        raise ModelFolderError(
            f"the {what} in {place} cannot be loaded ({first_line(error)}); expected the files "
            "that were exported; copy the folder again, or export the model again"
        ) from error
