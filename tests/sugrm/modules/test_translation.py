"""The sequence-to-sequence parts against torch's own LSTM and loops over steps and states."""

import numpy as np
import pytest
import torch

from sugrm.modules.translation import AttentionDecoder, TwoWayLstm, attend, reversed_steps


def numbers(tensor):
    return tensor.detach().double().numpy()


def test_real_steps_are_reversed_and_padding_stays():
    sequence = torch.arange(8.0).reshape(2, 4, 1)
    found = reversed_steps(sequence, torch.tensor([3, 0])).squeeze(-1)
    assert found.tolist() == [[2, 1, 0, 3], [4, 5, 6, 7]]


def test_the_two_way_lstm_is_the_sum_of_torchs_two_directions():
    torch.manual_seed(0)
    module, steps = TwoWayLstm(3, 4), torch.randn(2, 5, 3)
    both = torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True)
    state = module.onward.state_dict()
    state |= {f"{name}_reverse": value for name, value in module.back.state_dict().items()}
    both.load_state_dict(state)
    onward, back = both(steps)[0].chunk(2, -1)
    torch.testing.assert_close(module(steps, torch.tensor([5, 5])), onward + back)


def test_the_two_way_lstm_does_not_read_padding():
    torch.manual_seed(0)
    module, steps = TwoWayLstm(3, 4), torch.randn(2, 5, 3)
    together = module(steps, torch.tensor([2, 5]))
    alone = module(steps[:1, :2], torch.tensor([2]))
    torch.testing.assert_close(together[0, :2], alone[0])


def test_attention_weighs_real_states_alone():
    """Scores 0 and log 3 weigh 1/4 and 3/4: 0.25 * 4 + 0.75 * 8 = 7; the third is padding."""
    scores = torch.tensor([[0.0, float(np.log(3)), 50.0]])
    states = torch.tensor([[[4.0], [8.0], [1000.0]]])
    assert float(attend(scores, states, lengths=torch.tensor([2]))) == pytest.approx(7.0)
    assert attend(scores, states, lengths=torch.tensor([0])).isfinite().all()


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slow_decoder(module, states):
    """Return what the decoder makes of one utterance's states [T, width], step by step."""
    weights = {name: numbers(value) for name, value in module.named_parameters()}
    hidden = cell = np.zeros(states.shape[1])
    made = []
    for _ in states:
        scores = [
            weights["score.weight"][0]
            @ np.tanh(
                weights["key.weight"] @ state
                + weights["key.bias"]
                + weights["query.weight"] @ hidden
            )
            for state in states
        ]
        context = softmax(np.array(scores)) @ states
        gates = weights["cell.weight_ih"] @ context + weights["cell.bias_ih"]
        gates = gates + weights["cell.weight_hh"] @ hidden + weights["cell.bias_hh"]
        i, f, g, o = np.split(gates, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        hidden = sigmoid(o) * np.tanh(cell)
        made.append(np.tanh(weights["out.weight"] @ hidden + weights["out.bias"]))
    return np.array(made)


def test_the_decoder_attends_by_its_state_at_each_step():
    torch.manual_seed(0)
    module, states = AttentionDecoder(4, 3), torch.randn(2, 5, 4)
    found = numbers(module(states, torch.tensor([5, 3])))
    np.testing.assert_allclose(found[0], slow_decoder(module, numbers(states[0])), rtol=1e-5)
    expected = slow_decoder(module, numbers(states[1, :3]))
    np.testing.assert_allclose(found[1, :3], expected, rtol=1e-5)
