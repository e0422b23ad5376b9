"""Options of the data: which corpus, where its files lie, or how to make a synthetic one."""

from typing import Literal

from pydantic import Field

from sugrm.config.sections.section import Section


class SyntheticConfig(Section):
    """The seeded synthetic corpus; the defaults are sized for the demo.

    ``text_length``, ``audio_length`` and ``vision_length`` are the largest lengths; each
    utterance draws its own.
    """

    seed: int = 1
    train: int = Field(256, ge=8)
    valid: int = Field(64, ge=4)
    test: int = Field(128, ge=4)
    audio_width: int = Field(5, ge=1)
    vision_width: int = Field(8, ge=1)
    text_length: int = Field(16, ge=8)
    audio_length: int = Field(40, ge=2)
    vision_length: int = Field(30, ge=2)


class DataConfig(Section):
    """A corpus: ``mosi`` and ``mosei`` read MMSA-style pickles, ``synthetic`` makes its own."""

    dataset: Literal["mosi", "mosei", "synthetic"]
    unaligned: str | None = None
    aligned: str | None = None
    synthetic: SyntheticConfig = SyntheticConfig()
