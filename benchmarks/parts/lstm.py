"""LSTMs that leave padding out, against the padded ones and packed sequences.

A batch of 32 utterances with MOSI's or MOSEI's lengths is padded to its longest. The same LSTM
computes the last real states in stretches of ever fewer utterances
(`sugrm.modules.shrinking_lstm`), over the padding, and from ``pack_padded_sequence``; a step adds
the backward pass. All give the same numbers, which is checked first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.measuring import Case, Row, compare
from benchmarks.parts.corpora import BATCH, MOSEI, MOSI, Sizes, lengths_of
from sugrm.modules.positions import last_frame
from sugrm.modules.shrinking_lstm import last_states
from sugrm.types import Modality

Way = Callable[[nn.LSTM, Tensor, Tensor], Tensor]

_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An LSTM and what it reads.

    Attributes:
        sizes: the corpus, whose lengths and features are read.
        modality: the stream.
        width: D of the state.
    """

    sizes: Sizes
    modality: Modality
    width: int

    @property
    def name(self) -> str:
        """What it is, in words."""
        read = f"{self.modality} {self.sizes.widths[self.modality]}"
        return f"LSTM, {self.sizes.corpus} {read}, state {self.width}"


SIZES = (
    Size(sizes=MOSI, modality=Modality.TEXT, width=32),
    Size(sizes=MOSI, modality=Modality.TEXT, width=128),
    Size(sizes=MOSI, modality=Modality.AUDIO, width=16),
    Size(sizes=MOSI, modality=Modality.VISION, width=32),
    Size(sizes=MOSEI, modality=Modality.AUDIO, width=32),
    Size(sizes=MOSEI, modality=Modality.AUDIO, width=100),
)


def stretched(lstm: nn.LSTM, sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return the last real states, most of the padding left out."""
    return last_states(lstm, sequence, lengths=lengths)


def padded(lstm: nn.LSTM, sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return the last real states of an LSTM that runs over the padding."""
    return last_frame(lstm(sequence)[0], lengths)


def packed(lstm: nn.LSTM, sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return the last states of a packed sequence."""
    rows = nn.utils.rnn.pack_padded_sequence(
        sequence, lengths, batch_first=True, enforce_sorted=False
    )
    last: Tensor = lstm(rows)[1][0][-1]
    return last


def batch(size: Size) -> tuple[nn.LSTM, Tensor, Tensor]:
    """Return an LSTM, frames and lengths, drawn from a fixed seed."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    found = lengths_of(size.sizes, "real", count=BATCH, random=random)[size.modality]
    in_width = size.sizes.widths[size.modality]
    frames = torch.randn(BATCH, int(found.max()), in_width)
    return nn.LSTM(in_width, size.width, batch_first=True), frames, torch.from_numpy(found)


def step(way: Way, lstm: nn.LSTM, frames: Tensor, lengths: Tensor) -> None:
    """Compute the states and the gradients of the weights."""
    lstm.zero_grad()
    torch.autograd.backward(way(lstm, frames, lengths).square().sum())


def evaluation(way: Way, lstm: nn.LSTM, frames: Tensor, lengths: Tensor) -> Tensor:
    """Compute the states alone."""
    with torch.inference_mode():
        return way(lstm, frames, lengths)


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows of each size: against the padded and against the packed LSTM."""
    for size in SIZES[:1] if quick else SIZES:
        given = batch(size)
        states = [evaluation(way, *given) for way in (stretched, padded, packed)]
        assert all((states[0] - other).abs().max() < _TOLERANCE for other in states[1:])
        for kind, run in (("evaluation", evaluation), ("step", step)):
            ours = partial(run, stretched, *given)
            for against, way in (("padded", padded), ("packed", packed)):
                base = partial(run, way, *given)
                name = f"{size.name}, {kind}, against {against}"
                yield compare(Case(name=name, ours=ours, base=base, against=against), quick=quick)
