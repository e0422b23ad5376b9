"""How a fit starts from the weights of a trained model."""

from torch import Tensor, nn

from sugrm.argument_checks import check_type
from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import ArgumentError
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.training.start.taking import take_over, takes_text
from sugrm.training.start.weights import TEXT_PREFIX, StartWeights, shapes_of

_EXPECTED = 'what load_start_weights("FOLDER") returns'


def check_start(config: ExperimentConfig, start: StartWeights | None) -> None:
    """Check that a fit has weights to start from if, and only if, its experiment says so.

    Raises:
        ArgumentError: the experiment names a model to start from and there are no weights, or the
            other way round.
    """
    if config.start_from is None and start is not None:
        raise ArgumentError(
            "start is given, but the experiment names no model to start from, so its identity "
            'would not tell; set start_from in its options: resolve(..., {"start_from": "FOLDER"})'
        )
    if config.start_from is not None:
        if start is None:
            raise ArgumentError(
                f"the experiment starts from {config.start_from.model!r}; expected its weights as "
                f"start: {_EXPECTED}"
            )
        check_type("start", start, kind=StartWeights, expected=_EXPECTED)


def begin_from(
    model: nn.Module, start: StartWeights, *, config: ExperimentConfig, has_states: bool
) -> StartedFrom:
    """Put the weights that fit into a model; return what is recorded of it.

    Args:
        model: the model with its initial weights.
        start: the weights.
        config: the experiment.
        has_states: whether the model reads the hidden states of a frozen text encoder, which have
            been computed with the weights that fit.

    Raises:
        StartError: they have nothing in common, or their text encoders differ.
    """
    text = frozen_text_weights(config, start) if has_states else None
    return take_over(
        model, start, config=config, outside=shapes_of(text) if text else None
    ).recorded


def frozen_text_weights(config: ExperimentConfig, start: StartWeights) -> dict[str, Tensor] | None:
    """Return the text encoder's weights, by transformers' names; None if they are not taken over.

    They are those of an encoder that is frozen and stands outside of the model.
    """
    if not takes_text(config, start.facts):
        return None
    named = {n: w for n, w in start.weights.items() if n.startswith(TEXT_PREFIX)}
    return {name.removeprefix(TEXT_PREFIX): weight for name, weight in named.items()}
