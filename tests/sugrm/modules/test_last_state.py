"""The last state of an LSTM against its equations, written out step by step."""

import numpy as np
import torch

from sugrm.modules.last_state import LastStateLstm


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def last_state(weights, sequence):
    """NumPy: i, f, o = sigmoid, g = tanh of W x + U h + b; c = f c + i g; h = o tanh(c)."""
    width = weights["lstm.weight_hh_l0"].shape[1]
    hidden, cell = np.zeros(width), np.zeros(width)
    for frame in sequence:
        gates = weights["lstm.weight_ih_l0"] @ frame + weights["lstm.bias_ih_l0"]
        gates = gates + weights["lstm.weight_hh_l0"] @ hidden + weights["lstm.bias_hh_l0"]
        i, f, g, o = np.split(gates, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        hidden = sigmoid(o) * np.tanh(cell)
    return hidden


def test_each_utterance_is_read_up_to_its_own_last_frame():
    torch.manual_seed(0)
    module, sequence = LastStateLstm(3, 4), torch.randn(3, 6, 3)
    found = module(sequence, torch.tensor([6, 2, 1])).detach().numpy()
    weights = {name: p.detach().numpy() for name, p in module.named_parameters()}
    for row, length in enumerate([6, 2, 1]):
        expected = last_state(weights, sequence[row, :length].numpy())
        np.testing.assert_allclose(found[row], expected, rtol=1e-5, atol=1e-6)


def test_an_absent_stream_gives_zeros():
    module = LastStateLstm(3, 4, depth=2)
    found = module(torch.randn(2, 5, 3), torch.tensor([0, 5]))
    assert not found[0].any()
    assert found[1].all()


def test_dropout_stands_between_the_layers_alone():
    torch.manual_seed(0)
    sequence, lengths = torch.randn(1, 5, 3), torch.tensor([5])
    single, stacked = (LastStateLstm(3, 8, depth=depth, dropout=0.5) for depth in (1, 2))
    assert torch.equal(single(sequence, lengths), single(sequence, lengths))
    assert not torch.equal(stacked(sequence, lengths), stacked(sequence, lengths))
