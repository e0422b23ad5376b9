"""Elementwise losses (Table 8): L1, L2 and Huber, and the weight of a unimodal loss."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from sugrm.errors import PluginError

ElementwiseLoss = Callable[[Tensor, Tensor], Tensor]
"""(predictions [B], targets [B]) -> losses [B]."""
LossWeight = Callable[[Tensor, Tensor], Tensor]
"""(unimodal labels [B], human labels [B]) -> weights [B]."""


def l1(predictions: Tensor, targets: Tensor) -> Tensor:
    """Return the absolute errors [B]."""
    return F.l1_loss(predictions, targets, reduction="none")


def l2(predictions: Tensor, targets: Tensor) -> Tensor:
    """Return the squared errors [B]."""
    return F.mse_loss(predictions, targets, reduction="none")


def huber(predictions: Tensor, targets: Tensor, *, delta: float = 1.0) -> Tensor:
    """Return e^2 / 2 for errors e up to ``delta``, and delta * (e - delta / 2) beyond, [B]."""
    return F.huber_loss(predictions, targets, reduction="none", delta=delta)


def checked(loss: ElementwiseLoss, *, name: str) -> ElementwiseLoss:
    """Return a loss of a plug-in that checks the shape of what it gives.

    Args:
        loss: the loss.
        name: its name, for the message.
    """

    def elementwise(predictions: Tensor, targets: Tensor) -> Tensor:
        found = loss(predictions, targets)
        if not isinstance(found, Tensor) or found.shape != predictions.shape:
            got = f"shape {[*found.shape]}" if isinstance(found, Tensor) else type(found).__name__
            raise PluginError(
                f"the loss {name} returned {got} for {len(predictions)} predictions; expected a "
                f"tensor of shape [{len(predictions)}], a loss for each prediction"
            )
        return found

    return elementwise


def disagreement_weight(unimodal: Tensor, human: Tensor, *, floor: float) -> Tensor:
    """Return max(tanh(abs(y_s - y_m)), floor), [B].

    Source: Section 3.4 of the paper, the objective, which has no floor; without one (0) a
    unimodal loss is exactly 0 until its label first moves.
    """
    return torch.tanh((unimodal - human).abs()).clamp(min=floor)


def equal_weight(unimodal: Tensor, human: Tensor) -> Tensor:
    """Return ones [B]."""
    return torch.ones_like(human)
