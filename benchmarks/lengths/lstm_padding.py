"""Rows of `benchmarks/speed.py`: LSTMs that leave padding out, and over it.

A batch of 32 utterances has lengths with the quantiles of MOSI's unaligned training split. The same
LSTM computes the last real states over the padding, from ``pack_padded_sequence`` and in stretches
of ever fewer utterances (``sugrm.modules.shrinking_lstm``); a step adds the backward pass. The
three give the same numbers, which is checked first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.measuring import Case, Row, compare
from sugrm.modules.positions import last_frame
from sugrm.modules.shrinking_lstm import last_states

Way = Callable[[nn.LSTM, Tensor, Tensor], Tensor]

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
TOKENS = (4, 9, 12, 18, 26, 50)
FRAMES = (4, 39, 59, 98, 148, 375)
_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An LSTM and the lengths of what it reads.

    Attributes:
        name: what it reads, in words.
        steps: the lengths at ``QUANTILES``.
        in_width: D of the frames.
        width: D of the state.
    """

    name: str
    steps: tuple[int, ...]
    in_width: int
    width: int


SIZES = (
    Size(name="text 768, state 32", steps=TOKENS, in_width=768, width=32),
    Size(name="text 768, state 128", steps=TOKENS, in_width=768, width=128),
    Size(name="audio 5, state 16", steps=FRAMES, in_width=5, width=16),
    Size(name="audio 74, state 32", steps=FRAMES, in_width=74, width=32),
    Size(name="audio 433, state 100", steps=FRAMES, in_width=433, width=100),
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


def batch(size: Size, *, utterances: int = 32) -> tuple[nn.LSTM, Tensor, Tensor]:
    """Return an LSTM, frames and lengths, drawn from a fixed seed."""
    torch.manual_seed(0)
    shares = np.random.default_rng(0).random(utterances)
    lengths = torch.from_numpy(np.interp(shares, QUANTILES, size.steps).astype(np.int64))
    frames = torch.randn(utterances, int(lengths.max()), size.in_width)
    return nn.LSTM(size.in_width, size.width, batch_first=True), frames, lengths


def step(way: Way, lstm: nn.LSTM, frames: Tensor, lengths: Tensor) -> None:
    """Compute the states and the gradients of the weights."""
    lstm.zero_grad()
    way(lstm, frames, lengths).square().sum().backward()


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
        for kind, run in (("evaluation", evaluation), ("training step", step)):
            ours = partial(run, stretched, *given)
            for against, way in (("over the padding", padded), ("pack_padded_sequence", packed)):
                base = partial(run, way, *given)
                case = f"LSTM, {size.name}, {kind}"
                yield compare(Case(name=case, ours=ours, base=base, against=against), quick=quick)
