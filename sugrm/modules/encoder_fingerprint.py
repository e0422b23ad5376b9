"""Fingerprints of text encoders: a hash of weights, configuration and tokeniser."""

import hashlib
import json
from functools import lru_cache
from typing import Any

import torch

from sugrm.modules.encoder_files import TINY, file_times
from sugrm.modules.text_encoder import has_local_attention, load_text_encoder, load_tokeniser
from sugrm.version import TEXT_STATES

# Parts of a model's configuration that do not change what it computes.
_IGNORED_OPTIONS = frozenset({"_name_or_path", "transformers_version", "dtype", "torch_dtype"})


def encoder_fingerprint(name: str, *, finetune: bool, adapted: bool = False) -> str:
    """Return a hash of an encoder's weights and vocabulary, cached while its files do not change.

    A fine-tuned ``tiny`` has no weights before it is seeded, so its hash leaves them out. A frozen
    encoder's hash includes ``TEXT_STATES``, the version of its states.

    Args:
        name: hub name, folder or built-in name.
        finetune: whether the encoder is trained.
        adapted: whether only an adapter is trained. The adapter itself has no part in the hash: it
            follows from the options and the seed of a trial.

    Raises:
        EncoderError: the encoder or its tokeniser cannot be loaded.
    """
    return _fingerprint(name, finetune, adapted=adapted, files=file_times(name))


@lru_cache(maxsize=32)
def _fingerprint(name: str, finetune: bool, *, adapted: bool, files: tuple[object, ...]) -> str:
    digest = hashlib.sha256(name.encode() if name == TINY else b"")
    if not finetune:
        digest.update(f"frozen {TEXT_STATES}".encode())
    if name != TINY or not finetune or adapted:
        encoder = load_text_encoder(name, finetune=False)
        digest.update(_architecture(encoder.model).encode())
        if has_local_attention(encoder.model.config):
            digest.update(b"local attention")  # before, every layer attended to the whole text
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
