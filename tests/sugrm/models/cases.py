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
        labels: options of its label generation, where not the default.
        without_gradient: ends of the names of parameters that no gradient reaches.
        padding_counts: whether padding changes its numbers, as in released code.
        epochs: after which it beats predicting the mean.
    """

    name: str
    variant: str = ""
    alignment: str = "unaligned"
    model: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    without_gradient: tuple[str, ...] = ()
    padding_counts: bool = False
    epochs: int = 8

    def __str__(self) -> str:
        return "-".join(filter(None, (self.name, self.variant, self.alignment)))

    @property
    def options(self) -> dict[str, Any]:
        return {"model": dict(self.model), "objective": {"labels": dict(self.labels)}}


# The bias of a key projection cancels in the softmax, so its gradient is 0 up to rounding.
KEY_BIAS = ("key.bias",)

SELF_MM = {"name": "self_mm"}
SELF_MM_SPT = {"encoder_width": 8, "encoder": {"name": "spt", "heads": 2, "layers": 2}}
SELF_MM_TRANSFORMER = {
    "encoder_width": 8,
    "encoder": {"name": "transformer", "heads": 2, "layers": 1},
}
ONE_WIDTH = {"fusion_width": 16, "text_width": 16, "audio_width": 16, "vision_width": 16}

CASES = [
    Case("text_only"),
    Case("self_mm", labels=SELF_MM),
    Case("self_mm", alignment="aligned", labels=SELF_MM),
    Case("self_mm", "recalibration", model={"recalibration": "sugrm"}, labels=SELF_MM),
    Case("self_mm", "spt", model=SELF_MM_SPT, labels=SELF_MM, without_gradient=KEY_BIAS),
    Case(
        "self_mm",
        "transformer",
        model=SELF_MM_TRANSFORMER,
        labels=SELF_MM,
        without_gradient=KEY_BIAS,
    ),
    Case("self_mm", "one width", model=ONE_WIDTH, labels={"name": "sugrm"}),
    Case("sugrm", model=SMALL_SPT, without_gradient=KEY_BIAS),
    Case("sugrm", "self_mm labels", model=SMALL_SPT, labels=SELF_MM, without_gradient=KEY_BIAS),
    Case(
        "sugrm",
        "released lengths",
        model={**SMALL_SPT, "lengths": "ignored"},
        without_gradient=KEY_BIAS,
        padding_counts=True,
    ),
]
