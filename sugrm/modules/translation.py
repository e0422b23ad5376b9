"""MCTN's sequence-to-sequence parts: an encoder of both directions, an attention decoder.

Source: Pham et al., AAAI 2019, "Multimodal Cyclic Translation Network". The encoder f_e makes a
sequence of states E of a source, the decoder f_d a sequence in the target's place:

    E = LSTM_forward(X) + LSTM_backward(X)                 states, [T, width]
    a_t = softmax over j of v tanh(W_e E_j + W_h h_{t-1})  attention (Bahdanau et al. 2015)
    h_t = LSTM(sum over j of a_tj E_j, h_{t-1}),  X^_t = tanh(W h_t)

As in the released code (hainow/MCTN) the two directions are summed, a decoder starts from 0 and
reads nothing but the attended states, neither the target nor its own
output, and its output passes a tanh.
Departures: the code's score is linear, so that the state cancels in the softmax and every step
attends alike, and the forget gate of its cell is a copy of the input gate; here the score is
Bahdanau's and the gates are four. Padding is neither read backwards nor attended.
"""

import torch
from torch import Tensor, nn

from sugrm.modules.lstm import LSTM
from sugrm.modules.positions import real_frames
from sugrm.modules.shrinking_lstm import real_states

_NEVER = -1e9  # finite: the softmax of an utterance without a step is then no NaN


def reversed_steps(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return [B, T, D] with each utterance's real steps backwards; padding keeps its place."""
    place = torch.arange(sequence.shape[1], device=sequence.device).expand(len(lengths), -1)
    back = lengths[:, None] - 1 - place
    source = torch.where(back >= 0, back, place)
    return sequence.gather(1, source[..., None].expand_as(sequence))


def attend(scores: Tensor, states: Tensor, *, lengths: Tensor) -> Tensor:
    """Return [B, D], the mean of states [B, T, D] weighted by the softmax of scores [B, T]."""
    real = real_frames(lengths, states.shape[1])
    weights = scores.masked_fill(~real, _NEVER).softmax(-1)
    return torch.einsum("bt,btd->bd", weights, states)


class TwoWayLstm(nn.Module):
    """An LSTM in each direction over the real steps, summed.

    Args:
        in_width: D, the width of the steps.
        width: D, the width of the states.
    """

    def __init__(self, in_width: int, width: int) -> None:
        super().__init__()
        self.onward = LSTM(in_width, width, batch_first=True)
        self.back = LSTM(in_width, width, batch_first=True)

    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, width] from [B, T, D] steps and their [B] int64 number."""
        onward = real_states(self.onward, sequence, lengths=lengths)
        back = real_states(self.back, reversed_steps(sequence, lengths), lengths=lengths)
        return onward + reversed_steps(back, lengths)


class AttentionDecoder(nn.Module):
    """Make a sequence by attending to another one's states.

    Args:
        width: D, the width of the states that it reads and of its own states.
        out_width: D, the width of the sequence that it makes.
    """

    def __init__(self, width: int, out_width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, width)
        self.query = nn.Linear(width, width, bias=False)
        self.score = nn.Linear(width, 1, bias=False)
        self.cell = nn.LSTMCell(width, width)
        self.out = nn.Linear(width, out_width)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, out_width], as many steps as there are states.

        Args:
            states: [B, T, width] states to attend to.
            lengths: [B] int64 number of real states.
        """
        keys = self.key(states)
        hidden = cell = states.new_zeros(len(states), states.shape[2])
        made = []
        for _ in range(states.shape[1]):  # what is attended depends on the state before
            scores = self.score((keys + self.query(hidden)[:, None]).tanh()).squeeze(-1)
            hidden, cell = self.cell(attend(scores, states, lengths=lengths), (hidden, cell))
            made.append(hidden)
        result: Tensor = self.out(torch.stack(made, 1)).tanh()
        return result
