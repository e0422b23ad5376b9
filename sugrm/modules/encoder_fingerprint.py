"""Fingerprints of text encoders: a hash of weights, configuration and tokeniser."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from sugrm.modules.text_encoder import TINY, load_text_encoder, load_tokeniser
from sugrm.version import TEXT_STATES

# Parts of a model's configuration that do not change what it computes.
_IGNORED_OPTIONS = frozenset({"_name_or_path", "transformers_version", "dtype", "torch_dtype"})


def encoder_fingerprint(name: str, *, finetune: bool) -> str:
    """Return a hash of an encoder's weights and vocabulary, cached while its files do not change.

    A fine-tuned ``tiny`` has no weights before it is seeded, so its hash leaves them out. A frozen
    encoder's hash includes ``TEXT_STATES``, the version of its states.

    Raises:
        EncoderError: the encoder or its tokeniser cannot be loaded.
    """
    return _fingerprint(name, finetune, files=_file_times(name))


@lru_cache(maxsize=32)
def _fingerprint(name: str, finetune: bool, *, files: tuple[object, ...]) -> str:
    digest = hashlib.sha256(name.encode() if name == TINY else b"")
    if not finetune:
        digest.update(f"frozen {TEXT_STATES}".encode())
    if name != TINY or not finetune:
        encoder = load_text_encoder(name, finetune=False)
        digest.update(_architecture(encoder.model).encode())
        for key, weight in sorted(encoder.state_dict().items()):
            digest.update(key.encode())
            digest.update(weight.reshape(-1).view(torch.uint8).numpy())
    digest.update(load_tokeniser(name, 512).rules.encode())
    return digest.hexdigest()[:16]


def _architecture(model: Any) -> str:  # noqa: ANN401 - a transformers model, typed as a module
    """Return the configuration as text: it also decides what the weights compute."""
    options = model.config.to_dict()
    return json.dumps(
        {k: v for k, v in options.items() if k not in _IGNORED_OPTIONS}, sort_keys=True
    )


def _file_times(name: str) -> tuple[object, ...]:
    """Return names, sizes and times of the files of an encoder that is a folder."""
    if not Path(name).is_dir():
        return ()
    status = {path.name: path.stat() for path in Path(name).iterdir() if path.is_file()}
    return tuple((file, s.st_size, s.st_mtime_ns) for file, s in sorted(status.items()))
