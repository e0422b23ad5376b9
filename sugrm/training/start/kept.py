"""Weights to start from, out of the model that a finished trial kept."""

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from sugrm.config.sections.start import TEXT
from sugrm.errors import CheckpointError
from sugrm.training.checkpoints.checkpoint import BEST_FILE_NAME
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.training.checkpoints.state_files import read_state
from sugrm.training.checkpoints.trained import trained_of_state
from sugrm.training.start.weights import (
    TEXT_PREFIX,
    StartWeights,
    named_text,
    plain_weights,
    without_text,
)


def start_of_kept(content: Path | bytes, *, origin: str) -> StartWeights:
    """Return the weights of ``best.pt`` of a trial.

    Neither its system nor its text encoder is built, unless it has an adapter (LoRA), which is
    merged.

    Args:
        content: the file, or what it holds.
        origin: where the model comes from, as a phrase.

    Raises:
        CheckpointError: it holds no trained model.
        EncoderError: the text encoder of an adapter cannot be loaded.
    """
    try:
        state = read_state(content)
        model = json.loads(state["config"])["model"]
        text, seed = model["text"], int(state["seed"])
        weights = _weights(state, has_adapter=text.get("lora") is not None, origin=origin)
        if not text["finetune"] and not _started_with_text(state):  # it is the one of its name
            weights = without_text(weights)
        system = str(model["name"])
    except (CheckpointError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{origin} holds no trained model to start from: {error}; expected the "
            f"{BEST_FILE_NAME} of a finished trial"
        ) from error
    return StartWeights.of(
        weights, system=system, text_encoder=encoder_name(weights, text), seed=seed, origin=origin
    )


def encoder_name(weights: dict[str, Tensor], text: Any) -> str:  # noqa: ANN401 - plain JSON
    """Return the name of the text encoder whose weights are there, "" without any.

    Args:
        weights: the weights in the plain form.
        text: the options of the text encoder, as plain values.
    """
    return str(text["name"]) if any(name.startswith(TEXT_PREFIX) for name in weights) else ""


def _weights(state: dict[str, Any], *, has_adapter: bool, origin: str) -> dict[str, Tensor]:
    if has_adapter:
        return plain_weights(trained_of_state(state, file=origin).model)
    found = {str(name): weight for name, weight in state["model"].items()}
    if not all(isinstance(weight, Tensor) for weight in found.values()):
        raise CheckpointError("a weight is no tensor")
    return found | named_text(state.get("text_weights") or {})


def _started_with_text(state: dict[str, Any]) -> bool:
    """Return whether the text encoder of a kept model came from a model that it started from."""
    start = state.get("start")
    return start is not None and TEXT in StartedFrom.model_validate_json(start).parts
