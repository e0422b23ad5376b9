"""Changing the states of a text encoder on their way into one of its layers.

transformers has no public way to do so: ``inputs_embeds`` comes before positions and norm, and a
loop of our own over the layers would repeat what each architecture does around them (projected
embeddings, shared layers, position biases). All of them hold their layers in a list and give each
its states as the first argument. So every layer gets a hook once, ``open_layers`` proves on two
small inputs that the hook sees all that the later layers see, and ``changed_states`` sets for one
forward pass what to change. What to change is kept in a context variable, not in the encoder: each
thread has its own, a copy of the encoder keeps its hooks, and weights and their names stay as
they were. Limit: gradient checkpointing would run the layers again outside ``changed_states``;
the package does not use it.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sugrm.errors import EncoderError
from sugrm.modules.text_encoder import TextEncoder

Change = Callable[[Tensor], Tensor]


@dataclass(slots=True, kw_only=True)
class _Pass:
    """A running forward pass: the change, the layer before which it acts, the layers entered."""

    layer: int
    change: Change
    entered: int = 0


_PASS: ContextVar[_Pass | None] = ContextVar("pass of a text encoder", default=None)


@contextlib.contextmanager
def changed_states(layer: int, change: Change) -> Iterator[None]:
    """Apply ``change`` in one forward pass of an open encoder.

    Args:
        layer: number of the layer whose input is changed: 0 changes what the first layer reads, i
            what layer i has made.
        change: maps [B, T, D] states to the states that replace them.
    """
    with _set_pass(_Pass(layer=layer, change=change)):
        yield


def open_layers(encoder: TextEncoder, layer: int) -> None:
    """Prepare an encoder for ``changed_states``.

    Raises:
        EncoderError: the encoder has no such layer, or the states that enter it are not all that
            the later layers read.
    """
    if layer >= encoder.depth:
        raise EncoderError(
            f"model.layer is {layer}, but the text encoder has {encoder.depth} layers; expected "
            f"0 (what the first layer reads) to {encoder.depth - 1}"
        )
    for module in _layers_of(encoder):
        if _enter not in module._forward_pre_hooks.values():  # a second one would count twice
            module.register_forward_pre_hook(_enter)
    with _evaluating(encoder), torch.no_grad():
        _prove(encoder, layer)


def _enter(module: nn.Module, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Count the layers that a pass enters and change what goes into the chosen one."""
    current = _PASS.get()
    if current is None or not arguments:
        return None
    number, current.entered = current.entered, current.entered + 1
    if number != current.layer:
        return None
    return (current.change(arguments[0]), *arguments[1:])


def _layers_of(encoder: TextEncoder) -> nn.ModuleList:
    """Return the outermost list of modules; layers that share weights stand in it once."""
    lists = (module for module in encoder.modules() if isinstance(module, nn.ModuleList))
    return next(lists, nn.ModuleList())


def _prove(encoder: TextEncoder, layer: int) -> None:
    """Check that two sentences with the same states at the layer get the same last states."""
    lengths = torch.tensor([3])
    first, second = torch.tensor([[2, 3, 4]]), torch.tensor([[4, 2, 3]])
    seen: list[Tensor] = []

    def record(states: Tensor) -> Tensor:
        seen.append(states)
        return states

    with _set_pass(_Pass(layer=layer, change=record)) as recorded:
        expected = encoder(first, None, lengths)
    if recorded.entered != encoder.depth or [s.shape for s in seen] != [expected.shape]:
        raise _unsupported(encoder, "its layers do not take [B, T, D] states one after the other")
    with changed_states(layer, lambda _: seen[0]):
        found = encoder(second, None, lengths)
    if not torch.allclose(found, expected, atol=1e-5):
        raise _unsupported(encoder, f"what follows reads more than the states before layer {layer}")


def _unsupported(encoder: TextEncoder, reason: str) -> EncoderError:
    return EncoderError(
        f"text encoder {type(encoder.model).__name__} cannot be changed from within: {reason}; "
        "choose another layer or an encoder such as BERT, RoBERTa, MPNet, ELECTRA or DistilBERT"
    )


@contextlib.contextmanager
def _set_pass(current: _Pass) -> Iterator[_Pass]:
    token = _PASS.set(current)
    try:
        yield current
    finally:
        _PASS.reset(token)


@contextlib.contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Switch dropout off, and back on in each part where it was on."""
    training = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True
