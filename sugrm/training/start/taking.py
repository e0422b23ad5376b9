"""Taking over weights of a trained model: which fit another model, and putting them there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.sections.start import TEXT, StartFrom
from sugrm.errors import StartError
from sugrm.modules.encoder_files import hub_name
from sugrm.modules.text_encoder import TextEncoder, encoder_in
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.training.optimisation.optimiser import PARTS, part_of
from sugrm.training.start.weights import (
    TEXT_ENCODER,
    TEXT_PREFIX,
    Shapes,
    StartFacts,
    StartWeights,
    shapes_of,
)
from sugrm.types import Modality

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How the weights of a trained model fit another one.

    Attributes:
        facts: the weights.
        taken: names of the weights that are taken over.
        left: names of the other weights of the model that starts, which keep their initial values.
    """

    facts: StartFacts
    taken: tuple[str, ...]
    left: tuple[str, ...]

    def __str__(self) -> str:
        """Return which weights are taken over and which are not, as a phrase."""
        counts = {
            part: (_count(self.taken, part), _count((*self.taken, *self.left), part))
            for part in PARTS
        }
        some = [
            part if n == whole else f"{part} ({n} of {whole} weights)"
            for part, (n, whole) in counts.items()
            if n
        ]
        none = [part for part, (n, whole) in counts.items() if whole and not n]
        partly = [self._why(name) for name in self.left if counts[part_of(name)][0]]
        more = [f"{len(partly) - _NAMED} more weights"] if len(partly) > _NAMED else []
        rest = [*none, *partly[:_NAMED], *more]
        return f"takes over {', '.join(some)}" + (f", not {', '.join(rest)}" if rest else "")

    def _why(self, name: str) -> str:
        there = self.facts.shapes.get(name)
        return name if there is None else f"{name} (of shape {list(there)} there)"

    @property
    def recorded(self) -> StartedFrom:
        """Return what is recorded of it."""
        facts = self.facts
        return StartedFrom(
            origin=facts.origin,
            seed=facts.seed,
            digest=facts.digest,
            parts=tuple(part for part in PARTS if _count(self.taken, part)),
            taken=str(self),
        )


def _count(names: Collection[str], part: str) -> int:
    return sum(part_of(name) == part for name in names)


def takes_text(config: ExperimentConfig, facts: StartFacts) -> bool:
    """Return whether the weights of the text encoder are taken over.

    Raises:
        StartError: they would be, and the two models have different text encoders.
    """
    if Modality.TEXT not in config.model.streams or TEXT not in _wanted(config, facts):
        return False
    if not any(name.startswith(TEXT_PREFIX) for name in facts.shapes):
        return False
    own, theirs = config.model.text.name, facts.text_encoder
    if hub_name(own) != hub_name(theirs):
        raise StartError(
            f"start_from: {facts.origin} has the text encoder {theirs!r}, and this experiment has "
            f"{own!r}; expected the same; set model.text.name to {theirs}, or name the other "
            "parts to take over (start_from.parts)"
        )
    return True


def fit_of(
    config: ExperimentConfig,
    facts: StartFacts,
    *,
    own: Shapes,
    text: Shapes | None,
) -> Fit:
    """Return how weights fit the model of an experiment.

    Args:
        config: the experiment, with ``start_from``.
        facts: the weights.
        own: shapes of the model's weights, without those of its text encoder.
        text: shapes of its text encoder's weights, by transformers' names; None without one.

    Raises:
        StartError: they have nothing in common, or their text encoders differ.
    """
    named = {f"{TEXT_PREFIX}{name}": shape for name, shape in (text or {}).items()}
    with_text = text is not None and takes_text(config, facts)
    if with_text:
        _check_text(config, facts, named=named)
    wanted = _wanted(config, facts)
    fitting = [
        name
        for name, shape in own.items()
        if part_of(name) in wanted and facts.shapes.get(name) == shape
    ]
    taken = (*(named if with_text else ()), *fitting)
    if not taken:
        raise _nothing(config, facts)
    left = tuple(name for name in (*named, *own) if name not in set(taken))
    return Fit(facts=facts, taken=taken, left=left)


def take_over(
    model: nn.Module,
    start: StartWeights,
    *,
    config: ExperimentConfig,
    outside: Shapes | None = None,
) -> Fit:
    """Put the weights that fit into a model; return which these are.

    Args:
        model: the model, on any device.
        start: the weights.
        config: the experiment of the model, with ``start_from``.
        outside: shapes of the weights of a text encoder that stands outside of the model and got
            its weights by ``fill_encoder``; None without one.

    Raises:
        StartError: they have nothing in common, or their text encoders differ.
    """
    encoder = encoder_in(model)
    own = {n: w for n, w in model.state_dict().items() if not n.startswith(TEXT_ENCODER)}
    text = {} if encoder is None else encoder.own_weights()
    shapes = outside if encoder is None else shapes_of(text)
    fit = fit_of(config, start.facts, own=shapes_of(own), text=shapes)
    here = {**own, **{f"{TEXT_PREFIX}{name}": weight for name, weight in text.items()}}
    _copy(here, start, names=[name for name in fit.taken if name in here])
    return fit


def fill_encoder(encoder: TextEncoder, start: StartWeights, *, config: ExperimentConfig) -> None:
    """Put the weights of a trained text encoder into another one.

    Raises:
        StartError: the text encoders differ.
    """
    if takes_text(config, start.facts):
        own = {f"{TEXT_PREFIX}{name}": w for name, w in encoder.own_weights().items()}
        _check_text(config, start.facts, named=shapes_of(own))
        _copy(own, start, names=own)


@torch.no_grad()
def _copy(own: Mapping[str, Tensor], start: StartWeights, *, names: Collection[str]) -> None:
    for name in names:
        own[name].copy_(start.weights[name])


def _wanted(config: ExperimentConfig, facts: StartFacts) -> Collection[str]:
    """Return the groups of weights that are taken over."""
    asked = _start_of(config)
    if asked.parts is not None:
        return asked.parts
    return PARTS if facts.system == config.model.name else (TEXT,)


def _start_of(config: ExperimentConfig) -> StartFrom:
    if config.start_from is None:
        raise StartError(
            "the experiment names no model to start from; expected start_from: a run, RUN/KEY or "
            "the folder of an exported model"
        )
    return config.start_from


def _check_text(config: ExperimentConfig, facts: StartFacts, *, named: Shapes) -> None:
    theirs = {name: shape for name, shape in facts.shapes.items() if name.startswith(TEXT_PREFIX)}
    if theirs != dict(named):
        odd = next(iter(sorted(_different(theirs, named))))
        raise StartError(
            f"start_from: the text encoder of {facts.origin} does not fit "
            f"{config.model.text.name!r} of this machine: {odd.removeprefix(TEXT_PREFIX)} is "
            f"{_shape(theirs, odd)} there and {_shape(named, odd)} here; expected the same version "
            "of the text encoder"
        )


def _different(one: Shapes, other: Shapes) -> Iterator[str]:
    return (name for name in {*one, *other} if one.get(name) != other.get(name))


def _shape(shapes: Shapes, name: str) -> str:
    return str(list(shapes[name])) if name in shapes else "missing"


def _nothing(config: ExperimentConfig, facts: StartFacts) -> StartError:
    asked = _start_of(config).parts
    what = f"the parts {', '.join(asked)}" if asked is not None else config.model.name
    has = dict.fromkeys(part_of(name) for name in facts.shapes)
    other = facts.system != config.model.name and asked is None
    hint = (
        "; of another system the text encoder alone is taken over unless start_from.parts names "
        "more"
        if other
        else ""
    )
    return StartError(
        f"start_from: {facts.origin} ({facts.system}, with weights of {', '.join(has)}) has no "
        f"weight of the same name and shape for {what}{hint}; expected at least one; name another "
        "model, or leave start_from out"
    )
