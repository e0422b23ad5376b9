"""LSTMs over padded batches that leave out most of the padding on a CPU.

An LSTM that runs over the padding and is read at each utterance's own last step gives what a packed
one gives, and needs no lengths on the host, so a GPU and exported programs do that. A CPU knows the
lengths: there the utterances are sorted by length, the LSTM runs to the length that half of them
reach, goes on from its state with the longer half, and so on. Each stretch is one call of the dense
LSTM. ``torch.nn.utils.rnn.pack_padded_sequence`` computes no padding at all, but its steps lack the
fused kernel: in training it is slower than the padded LSTM wherever the state is narrow
(`benchmarks/parts/lstm.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules import host
from sugrm.modules.positions import last_frame

_LEAST_ROWS = 8  # for fewer utterances, or steps, a call costs more than it saves
_LEAST_STEPS = 8
_LEAST_SAVED = 0.15  # share of the padded batch, below which sorting costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Steps that the longest ``rows`` utterances run through; ``going_on`` of them are longer."""

    rows: int
    start: int
    end: int
    going_on: int


def last_states(lstm: nn.Module, sequence: Tensor, *, lengths: Tensor) -> Tensor:
    """Return [B, H], the state of the last layer at each utterance's last real step.

    An utterance without a step has the state after its first, padded frame.

    Args:
        lstm: an LSTM of one direction, with ``batch_first``.
        sequence: [B, T, D] frames.
        lengths: [B] int64 number of real frames, at most T.
    """
    stretches = _stretches(sequence, lengths)
    if not stretches:
        return last_frame(lstm(sequence)[0], lengths)
    order = lengths.argsort(descending=True, stable=True)
    last = []
    for part, states in _run(lstm, sequence, order=order, stretches=stretches):
        ended = order[part.going_on : part.rows]
        last.append(last_frame(states[part.going_on :], lengths[ended] - part.start))
    return torch.cat(last[::-1]).index_select(0, order.argsort())


def real_states(lstm: nn.Module, sequence: Tensor, *, lengths: Tensor) -> Tensor:
    """Return [B, T, H], the states of the last layer at real steps; any at padded ones.

    Args:
        lstm: an LSTM of one direction, with ``batch_first``.
        sequence: [B, T, D] frames.
        lengths: [B] int64 number of real frames, at most T.
    """
    stretches = _stretches(sequence, lengths)
    if not stretches:
        padded: Tensor = lstm(sequence)[0]
        return padded
    order = lengths.argsort(descending=True, stable=True)
    parts = [
        F.pad(states, (0, 0, 0, 0, 0, len(order) - part.rows))
        for part, states in _run(lstm, sequence, order=order, stretches=stretches)
    ]
    joined = F.pad(torch.cat(parts, 1), (0, 0, 0, sequence.shape[1] - stretches[-1].end))
    return joined.index_select(0, order.argsort())


def _stretches(sequence: Tensor, lengths: Tensor) -> list[_Stretch]:
    """Return the stretches of a batch; none where it runs in one call."""
    if not host.is_on_host(lengths):
        return []
    longest = sorted(lengths.clamp(min=1).tolist(), reverse=True)
    found, rows, start = [], len(longest), 0
    while rows:
        half = rows // 2
        end = longest[half] if half >= _LEAST_ROWS else longest[0]
        end = longest[0] if longest[0] - end < _LEAST_STEPS else end
        going_on = sum(length > end for length in longest[:rows])
        found.append(_Stretch(rows=rows, start=start, end=end, going_on=going_on))
        rows, start = going_on, end
    computed = sum(part.rows * (part.end - part.start) for part in found)
    return found if computed <= (1 - _LEAST_SAVED) * sequence.shape[0] * sequence.shape[1] else []


def _run(
    lstm: nn.Module, sequence: Tensor, *, order: Tensor, stretches: Sequence[_Stretch]
) -> Iterator[tuple[_Stretch, Tensor]]:
    """Yield each stretch with its states [rows, steps, H], the longest utterances first."""
    state: tuple[Tensor, Tensor] | None = None
    for part in stretches:
        frames = sequence[:, part.start : part.end].index_select(0, order[: part.rows])
        states, (hidden, cell) = lstm(frames, state)
        yield part, states
        kept = slice(0, part.going_on)
        state = hidden[:, kept].contiguous(), cell[:, kept].contiguous()
