"""Groups of trials whose epochs cost about the same: one trial of a group is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGroup:
    """What decides the time of an epoch on one corpus, up to a small factor.

    Attributes:
        model: name of the system.
        alignment: alignment of the data.
        streams: modalities that the system reads, joined by +; "" where it offers no choice, or
            where all are read and the option, which a later version added, has its default.
        text: name of the text encoder.
        finetune: whether the text encoder is trained.
        adapted: whether an adapter (LoRA) is trained in place of its weights.
        encoder: name of the sequence encoder, "" where the system offers no choice.
        batch_size: utterances in a training batch, at least 1.
    """

    model: str
    alignment: str
    streams: str
    text: str
    finetune: bool
    adapted: bool
    encoder: str
    batch_size: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "CostGroup":
        """Return the group of a resolved experiment, as plain values."""
        model = config["model"]
        return cls(
            model=model["name"],
            alignment=config["alignment"],
            streams="+".join(model.get("modalities") or ()),
            text=model["text"]["name"],
            finetune=model["text"]["finetune"],
            adapted=model["text"].get("lora") is not None,
            encoder=(model.get("encoder") or {}).get("name", ""),
            batch_size=config["training"]["batch_size"],
        )

    @property
    def kind(self) -> tuple[str, ...]:
        """Return what decides most of the time: system, alignment and text encoder."""
        return self.model, self.alignment, self.text, str(self.finetune), str(self.adapted)

    @property
    def title(self) -> str:
        """Return a short title, as in ``sugrm spt, unaligned, minilm frozen, batch 32``."""
        system = " ".join(part for part in (self.model, self.encoder, self.streams) if part)
        text = self.text if self.finetune else f"{self.text} frozen"
        text = f"{text} LoRA" if self.adapted else text
        return f"{system}, {self.alignment}, {text}, batch {self.batch_size}"
