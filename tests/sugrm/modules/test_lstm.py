import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

import sugrm.modules.lstm as lstm
from sugrm.modules.lstm import LSTM

AUTOCAST = torch.autocast("cpu", dtype=torch.bfloat16)


@pytest.fixture
def frames():
    return torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0))


def test_on_a_cpu_without_bfloat16_it_computes_in_float32(frames, monkeypatch):
    monkeypatch.setattr(lstm, "_has_bfloat16", lambda: False)
    layer = LSTM(8, 4, batch_first=True)
    expected, (hidden, _) = layer(frames)
    low = frames.to(torch.bfloat16)
    with AUTOCAST:
        states, (last, _) = layer(frames)
        continued, _ = layer(low, (last.bfloat16(), last.bfloat16()))
    assert torch.equal(states, expected)
    assert torch.equal(last, hidden)
    assert continued.dtype == torch.float32


def test_packed_sequences_are_computed_alike(frames, monkeypatch):
    monkeypatch.setattr(lstm, "_has_bfloat16", lambda: False)
    layer = LSTM(8, 4, batch_first=True)
    packed = pack_padded_sequence(frames, torch.tensor([5, 3]), batch_first=True)
    with AUTOCAST:
        states, _ = layer(packed)
    assert torch.equal(states.data, layer(packed)[0].data)


def test_with_bfloat16_autocast_decides(frames, monkeypatch):
    if not lstm._has_bfloat16():
        pytest.skip("this CPU has no bfloat16 for an LSTM")
    with AUTOCAST:
        assert LSTM(8, 4, batch_first=True)(frames)[0].dtype == torch.bfloat16
