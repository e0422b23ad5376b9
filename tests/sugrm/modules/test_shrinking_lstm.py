"""LSTMs that leave out padding give what they give over it."""

import pytest
import torch
from torch import nn

from sugrm.modules.positions import last_frame, real_frames
from sugrm.modules.shrinking_lstm import last_states, real_states

RAGGED = [40, 3, 25, 0, 9, 9, 31, 12, 1, 40, 18, 5, 7, 22, 11, 6, 2, 28]
LENGTHS = {
    "ragged, one absent": RAGGED,
    "few": RAGGED[:5],
    "equal": [40] * 18,
    "all absent": [0] * 18,
    "padded beyond the longest": [n // 2 for n in RAGGED],
    "one much longer": [40] + [3] * 17,
}


@pytest.fixture(params=[1, 2], ids=["one layer", "two layers"])
def lstm(request):
    torch.manual_seed(0)
    return nn.LSTM(5, 7, request.param, batch_first=True)


def gradients(lstm, sequence, loss):
    lstm.zero_grad()
    sequence.grad = None
    loss.backward()
    return [sequence.grad.clone(), *(p.grad.clone() for p in lstm.parameters())]


@pytest.mark.parametrize("given", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("read", ["last", "all"])
def test_states_and_gradients_equal_those_over_the_padding(lstm, given, read):
    lengths = torch.tensor(given)
    sequence = torch.randn(len(given), 40, 5, requires_grad=True)
    real = real_frames(lengths, 40)[..., None]
    padded = lstm(sequence)[0]
    if read == "last":
        wanted, found = last_frame(padded, lengths), last_states(lstm, sequence, lengths=lengths)
    else:
        wanted = padded.where(real, 0)
        found = real_states(lstm, sequence, lengths=lengths).where(real, 0)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)
    weights = torch.randn_like(wanted)
    expected = gradients(lstm, sequence, (wanted * weights).sum())
    for one, other in zip(
        gradients(lstm, sequence, (found * weights).sum()), expected, strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def steps_computed(lstm, given, read, monkeypatch):
    """Return rows times steps of the calls of an LSTM."""
    cells = []
    forward = nn.LSTM.forward
    monkeypatch.setattr(
        nn.LSTM,
        "forward",
        lambda self, x, *rest: cells.append(x.shape[0] * x.shape[1]) or forward(self, x, *rest),
    )
    read(lstm, torch.randn(len(given), 40, 5), lengths=torch.tensor(given))
    return cells


@pytest.mark.parametrize("read", [last_states, real_states])
def test_padding_of_ragged_batches_is_left_out(lstm, read, monkeypatch):
    """Eighteen rows to step 9, eight of them (two have 9) on to step 40."""
    ordered = sorted(RAGGED, reverse=True)
    assert ordered[8:10] == [11, 9]
    assert steps_computed(lstm, RAGGED, read, monkeypatch) == [18 * 9, 9 * 31]


@pytest.mark.parametrize("given", [[40] * 18, [38, 40] * 9, RAGGED[:5]])
def test_where_nothing_is_saved_the_batch_is_one_call(lstm, given, monkeypatch):
    assert steps_computed(lstm, given, last_states, monkeypatch) == [len(given) * 40]


def test_a_gpu_runs_over_the_padding(lstm, monkeypatch):
    monkeypatch.setattr("sugrm.modules.host.is_on_host", lambda lengths: False)
    assert steps_computed(lstm, RAGGED, last_states, monkeypatch) == [18 * 40]


@pytest.mark.slow
def test_an_exported_program_runs_over_the_padding(lstm):
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = lstm

        def forward(self, sequence, lengths):
            return last_states(self.lstm, sequence, lengths=lengths)

    sequence, lengths = torch.randn(18, 40, 5), torch.tensor(RAGGED)
    program = torch.export.export(Last(), (sequence, lengths), strict=True).module()
    torch.testing.assert_close(
        program(sequence, lengths), last_states(lstm, sequence, lengths=lengths)
    )
