"""Random batches and splits with the sizes and the lengths of MOSI and MOSEI.

``lengths.csv`` holds seconds and tokens of 128 utterances of each corpus, those at the quantiles
1/256, 3/256, ... of the length: numbers only. MOSI's are measured (the end of an utterance's last
word, the tokens of bert-base-uncased). MOSEI's tokens are its words times MOSI's 1.06 pieces a word
plus 2; its seconds follow from the tokens as MOSI's do: 0.31 s a token less 0.57 s.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from sugrm import Batch
from sugrm.types import Modality

TABLE = Path(__file__).with_name("lengths.csv")
BATCH = 32

Lengths = Literal["real", "uniform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The sizes of a corpus.

    Attributes:
        name: name in the table of speed.
        corpus: ``corpus`` in ``lengths.csv``, which is also the name of the preset.
        steps: stream -> number of steps that the usual files pad to.
        widths: stream -> D, the width of its features.
        rates: stream -> frames a second; empty where each token has one frame.
    """

    name: str
    corpus: str
    steps: Mapping[Modality, int]
    widths: Mapping[Modality, int]
    rates: Mapping[Modality, float]


def _streams(text: int, audio: int, vision: int) -> dict[Modality, int]:
    return {Modality.TEXT: text, Modality.AUDIO: audio, Modality.VISION: vision}


# MOSI's vision frames last as long as its audio frames: 500 for 375.
MOSI = Sizes(
    name="MOSI unaligned",
    corpus="mosi",
    steps=_streams(50, 375, 500),
    widths=_streams(768, 5, 20),
    rates={Modality.AUDIO: 20.0, Modality.VISION: 20.0 * 500 / 375},
)
MOSEI = Sizes(
    name="MOSEI unaligned",
    corpus="mosei",
    steps=_streams(50, 500, 375),
    widths=_streams(768, 74, 35),
    rates={Modality.AUDIO: 20.0, Modality.VISION: 15.0},
)
ALIGNED = Sizes(
    name="MOSI aligned",
    corpus="mosi",
    steps=_streams(50, 50, 50),
    widths=_streams(768, 5, 20),
    rates={},
)
TINY = Sizes(  # for tests
    name="tiny",
    corpus="mosi",
    steps=_streams(12, 31, 43),
    widths=_streams(9, 5, 7),
    rates={Modality.AUDIO: 5.0, Modality.VISION: 7.0},
)


@cache
def _table(corpus: str) -> tuple[tuple[float, int], ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["corpus"] == corpus]
    return tuple((float(row["seconds"]), int(row["tokens"])) for row in rows)


def lengths_of(
    sizes: Sizes, kind: Lengths, *, count: int, random: np.random.Generator
) -> dict[Modality, np.ndarray]:
    """Return stream -> [N] int64 lengths, at least 1 and at most ``sizes.steps``.

    Args:
        sizes: the sizes of the corpus.
        kind: "real" takes utterances at equal quantiles of the table, in random order; "uniform"
            draws from 50 to the padded length.
        count: N.
        random: draws the order or the lengths.
    """
    if kind == "uniform":
        return {
            m: random.integers(min(50, steps), steps + 1, count) for m, steps in sizes.steps.items()
        }
    table = _table(sizes.corpus)
    rows = random.permutation(count) * len(table) // count + len(table) // (2 * count)
    seconds, tokens = (np.array(column) for column in zip(*(table[r] for r in rows), strict=True))
    found = {m: np.ceil(seconds * rate) for m, rate in sizes.rates.items()}
    return {
        m: np.clip(found.get(m, tokens), 1, steps).astype(np.int64)
        for m, steps in sizes.steps.items()
    }


def sequences_of(
    lengths: np.ndarray, width: int, *, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield random sequences [T, D] of these lengths."""
    for steps in lengths:
        yield random.standard_normal((steps, width), dtype=np.float32)


def random_batch(
    sizes: Sizes, kind: Lengths, *, count: int = BATCH, absent: bool = False, seed: int = 0
) -> Batch:
    """Return a random batch, padded to the full ``sizes.steps`` as the usual files are.

    Args:
        sizes: the sizes of the corpus.
        kind: see `lengths_of`.
        count: B.
        absent: True takes a stream from each of the first three utterances, and from the fourth
            all but its text.
        seed: seed of the values.
    """
    random = np.random.default_rng(seed)
    lengths = lengths_of(sizes, kind, count=count, random=random)
    if absent:
        for row, m in enumerate(Modality):
            lengths[m][row] = 0
        lengths[Modality.AUDIO][3] = lengths[Modality.VISION][3] = 0
    padded: dict[Modality, Tensor] = {}
    for m, steps in sizes.steps.items():
        padded[m] = torch.zeros(count, steps, sizes.widths[m])
        for row, frames in enumerate(sequences_of(lengths[m], sizes.widths[m], random=random)):
            padded[m][row, : len(frames)] = torch.from_numpy(frames)
    return Batch(
        text_features=padded[Modality.TEXT],
        audio=padded[Modality.AUDIO],
        vision=padded[Modality.VISION],
        text_lengths=torch.from_numpy(lengths[Modality.TEXT]),
        audio_lengths=torch.from_numpy(lengths[Modality.AUDIO]),
        vision_lengths=torch.from_numpy(lengths[Modality.VISION]),
        labels=torch.linspace(-3, 3, count),
        index=torch.arange(count),
    )
