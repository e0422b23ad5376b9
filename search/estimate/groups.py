"""Trials that cost about the same an epoch: one of them is measured for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGroup:
    """What decides the time of an epoch on one corpus, up to a small factor.

    Attributes:
        model: the system.
        alignment: of the data.
        streams: that it reads, "" where the system leaves no choice.
        text: name of the text encoder.
        finetune: whether that is trained.
        encoder: name of the sequence encoder, "" where the system has none to choose.
        batch_size: of training.
    """

    model: str
    alignment: str
    streams: str
    text: str
    finetune: bool
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
            encoder=(model.get("encoder") or {}).get("name", ""),
            batch_size=config["training"]["batch_size"],
        )

    @property
    def kind(self) -> tuple[str, ...]:
        """Return what decides the most: system, alignment and text encoder."""
        return self.model, self.alignment, self.text, str(self.finetune)

    @property
    def title(self) -> str:
        """Return a short title, as in ``sugrm spt, unaligned, minilm frozen, batch 32``."""
        system = " ".join(part for part in (self.model, self.encoder, self.streams) if part)
        text = self.text if self.finetune else f"{self.text} frozen"
        return f"{system}, {self.alignment}, {text}, batch {self.batch_size}"
