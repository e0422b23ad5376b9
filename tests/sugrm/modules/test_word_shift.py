"""RAVEN's parts against its equations, word by word."""

import numpy as np
import pytest
import torch

from sugrm.modules.word_shift import GatedMixing, NonverbalNetwork, shifted


def numbers(tensor):
    return tensor.detach().double().numpy()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slow_shift(mixing, states, word):
    """Return h_m = sum of w_s (W_s h_s) + b_h of one word, w_s = sigmoid(W_hs [h_s; e] + b_s)."""
    weight = numbers(mixing.mix.weight)
    width = len(states[0])
    shift = numbers(mixing.mix.bias)
    for s, (gate, state) in enumerate(zip(mixing.gates, states, strict=True)):
        score = numbers(gate.weight)[0] @ np.concatenate([state, word]) + numbers(gate.bias)[0]
        shift = shift + sigmoid(score) * (weight[:, s * width : (s + 1) * width] @ state)
    return shift


def test_the_shift_vector_is_the_gated_sum_of_the_papers_equations():
    torch.manual_seed(0)
    mixing = GatedMixing(2, 3, word_width=4)
    states, words = [torch.randn(2, 5, 3) for _ in range(2)], torch.randn(2, 5, 4)
    found = numbers(mixing(states, words))
    for b in range(2):
        for i in range(5):
            of_word = [numbers(state[b, i]) for state in states]
            expected = slow_shift(mixing, of_word, numbers(words[b, i]))
            np.testing.assert_allclose(found[b, i], expected, rtol=1e-5, atol=1e-6)


def test_a_long_shift_is_cut_to_its_bound_and_a_short_one_is_kept():
    """|e| = 5, beta 0.2 lets it move by 1: a shift of length 4 is cut, one of 0.5 is not."""
    words = torch.tensor([[[3.0, 4.0], [3.0, 4.0]]])
    shift = torch.tensor([[[4.0, 0.0], [0.0, 0.5]]])
    found = shifted(words, shift, bound=0.2)
    torch.testing.assert_close(found, torch.tensor([[[4.0, 4.0], [3.0, 4.5]]]))


def test_a_shift_or_a_word_of_length_0_has_a_finite_gradient():
    words = torch.zeros(1, 2, 2, requires_grad=True)
    shift = torch.tensor([[[0.0, 0.0], [1.0, 0.0]]], requires_grad=True)
    shifted(words, shift, bound=0.2).sum().backward()
    assert words.grad.isfinite().all()
    assert shift.grad.isfinite().all()


def network(span):
    torch.manual_seed(0)
    return NonverbalNetwork(3, frame_width=4, width=2, span=span, dropout=0.0)


def slow_first_step(module, frame):
    """Return an LSTM's h after one frame, from a state of 0: o * tanh(i * tanh(g))."""
    projected = numbers(module.project.weight) @ frame + numbers(module.project.bias)
    lstm = module.lstm
    gates = numbers(lstm.weight_ih_l0) @ projected
    gates = gates + numbers(lstm.bias_ih_l0) + numbers(lstm.bias_hh_l0)
    i, _, g, o = np.split(gates, 4)
    return sigmoid(o) * np.tanh(sigmoid(i) * np.tanh(g))


def test_the_nonverbal_lstm_starts_anew_at_each_word():
    module, frames = network("word"), torch.randn(2, 5, 3)
    found = numbers(module(frames, torch.ones(2, 5, dtype=torch.bool)))
    for b in range(2):
        for i in range(5):
            expected = slow_first_step(module, numbers(frames[b, i]))
            np.testing.assert_allclose(found[b, i], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("span", "remembers"), [("word", False), ("utterance", True)])
def test_only_the_span_of_an_utterance_remembers_the_words_before(span, remembers):
    module, frames = network(span), torch.randn(1, 3, 3)
    real = torch.ones(1, 3, dtype=torch.bool)
    before = module(frames, real)[:, 2]
    frames[:, 0] += 1
    assert torch.equal(module(frames, real)[:, 2], before) is not remembers


def test_a_word_without_a_frame_has_the_state_0():
    real = torch.tensor([[True, False, False]])
    assert not network("word")(torch.randn(1, 3, 3), real)[:, 1:].any()
