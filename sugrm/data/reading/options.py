"""How a file is to be read, and what was found in it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sugrm.config.sections.datasets import DatasetDescription, load_dataset
from sugrm.data.cache.content import Alignment, LengthSource, TextSource
from sugrm.types import Modality, Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read.

    Attributes:
        alignment: ``aligned`` where audio and vision have one frame for each token.
        dataset: the description of the dataset.
        lengths: where the numbers of real frames come from: ``checked`` takes what the file states
            and refuses it where real frames lie outside, ``stated`` takes it as it is, ``detected``
            finds the zeros.
        text: what is read as the text; None takes token ids, else features, else words, of what the
            file holds.
        excluded: a file whose texts are left out (``sugrm.data.excluded_texts``); None for none.
    """

    alignment: Alignment = "unaligned"
    dataset: DatasetDescription = field(default_factory=lambda: load_dataset("mosi"))
    lengths: LengthSource = "checked"
    text: TextSource | None = None
    excluded: Path | None = None

    @property
    def for_training(self) -> bool:
        """Whether labels and all three splits are required; see ``sugrm.data.inputs``."""
        return True

    @property
    def reads_words(self) -> bool:
        """Whether a table needs a column of texts."""
        return True

    @property
    def text_column(self) -> str | None:
        """Return the name of the column of texts; None takes the usual names."""
        return None


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found in a file besides its numbers.

    Attributes:
        layout: name of the layout, as messages show it.
        text: what is read as the text.
        lengths: where the numbers of real frames come from, as in ``Reading``.
        sides: split -> stream -> the side of its padding.
        remarks: sentences for the user, on what was read in another way than the file has it.
        is_new: whether readers before version 2 found other content in the same file.
    """

    layout: str
    text: TextSource
    lengths: LengthSource
    sides: dict[Split, dict[Modality, str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    is_new: bool = False

    def described(self) -> dict[str, Any]:
        """Return what a user is shown and what a model's inputs must share, as plain values."""
        return {
            "layout": self.layout,
            "sides": {split: dict(found) for split, found in self.sides.items()},
            "remarks": list(self.remarks),
            "lengths": self.lengths,
            "text_source": self.text,
        }
