"""The systems and variants that the contract test goes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SMALL_SPT = {"width": 8, "encoder": {"heads": 2, "layers": 2}}


@dataclass(frozen=True)
class Case:
    """A system with options.

    Attributes:
        name: of the system.
        variant: what its options are about.
        alignment: of its input.
        model: options of the model.
        without_gradient: ends of the names of parameters that no gradient reaches.
        padding_counts: whether padding changes its numbers, as in released code.
        epochs: after which it beats predicting the mean.
    """

    name: str
    variant: str = ""
    alignment: str = "unaligned"
    model: Mapping[str, Any] = field(default_factory=dict)
    without_gradient: tuple[str, ...] = ()
    padding_counts: bool = False
    epochs: int = 8

    def __str__(self) -> str:
        return "-".join(filter(None, (self.name, self.variant, self.alignment)))

    @property
    def options(self) -> dict[str, Any]:
        return {"model": dict(self.model)}


# The bias of a key projection cancels in the softmax, so its gradient is 0 up to rounding.
KEY_BIAS = ("key.bias",)

SMALL_MULT = {"width": 8, "heads": 2, "layers": 2, "self_layers": 2}

CASES = [
    Case("text_only"),
    Case("mult", model=SMALL_MULT),
    Case("mult", alignment="aligned", model=SMALL_MULT),
    Case("mult", "no mask", model={**SMALL_MULT, "future_mask": False}),
    Case("mult", "text as the only target", model={**SMALL_MULT, "targets": ["text"]}),
    Case("mult", "bimodal", model={**SMALL_MULT, "modalities": ["text", "audio"]}),
    Case("mult", "text alone", model={**SMALL_MULT, "modalities": ["text"]}),
    Case("spt", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case("spt", alignment="aligned", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case(
        "spt",
        "bimodal",
        model={**SMALL_SPT, "modalities": ["text", "audio"]},
        without_gradient=KEY_BIAS,
    ),
    Case(
        "spt",
        "text alone",
        model={**SMALL_SPT, "modalities": ["text"]},
        without_gradient=KEY_BIAS,
    ),
    Case("sugrm", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case(
        "sugrm",
        "released lengths",
        model={**SMALL_SPT, "lengths": "ignored"},
        without_gradient=KEY_BIAS,
        padding_counts=True,
    ),
]
