"""The key of a trial: a hash of everything that decides its results."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sugrm.config.identity import identifying_options

if TYPE_CHECKING:
    from sugrm.config import ExperimentConfig

KEY_LENGTH = 16
"""Hexadecimal digits of a key: 64 bits, so that a million trials collide once in 10^7 runs."""


def trial_key(
    config: "ExperimentConfig",
    *,
    seed: int,
    data_identity: str,
    encoder_fingerprint: str,
    numerics: int,
    plugins: Mapping[str, str] | None = None,
) -> str:
    """Return the key of a trial.

    Args:
        config: the resolved experiment, presets expanded; pinned to the digest of the weights that
            it starts from (``sugrm.config.identity.pinned``).
        seed: the trial's seed.
        data_identity: the identity of the data that the trial reads, as
            ``DatasetDescription.data_identity`` makes it of the corpus's fingerprint.
        encoder_fingerprint: the fingerprint of its text encoder's weights, "" without one.
        numerics: ``sugrm.NUMERICS``, raised by hand when a change alters results.
        plugins: module -> hash of the source of each plug-in that the trial uses.
    """
    content: dict[str, object] = {
        "config": identifying_options(config),
        "seed": seed,
        "data": data_identity,
        "encoder": encoder_fingerprint,
        "numerics": numerics,
    }
    if plugins:  # a trial of the package's own systems keeps the key that it had
        content["plugins"] = dict(plugins)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]
