import numpy as np
import pytest
import torch

from sugrm.modules.gating import MultimodalAdaptationGate
from sugrm.types import Modality
from tests.host_synchronisation import NoHostSynchronisation

TEXT = 6
WIDTHS = {Modality.AUDIO: 3, Modality.VISION: 4}
LENGTHS = {Modality.AUDIO: torch.tensor([5, 0, 2]), Modality.VISION: torch.tensor([5, 0, 0])}


def gate_of(beta=1.0, widths=WIDTHS):
    torch.manual_seed(0)
    return MultimodalAdaptationGate(TEXT, widths, beta=beta, dropout=0.4).eval()


def frames_of(steps=5):
    return {m: 3 * torch.randn(3, steps, d) for m, d in WIDTHS.items()}


def slow_gate(gate, state, frames, beta):
    """Return the shifted state of one token, equations 1 to 5 in NumPy."""

    def linear(layer, values):
        return layer.weight.detach().numpy() @ values + layer.bias.detach().numpy()

    shift = np.zeros(TEXT)
    for modality, frame in frames.items():
        part = gate.shifts[modality]
        weight = np.maximum(linear(part.gate, np.concatenate([state, frame])), 0)
        shift = shift + weight * linear(part.project, frame)
    size = np.linalg.norm(shift)
    scale = min(beta * np.linalg.norm(state) / size, 1.0) if size else 0.0
    shifted = state + scale * shift
    return (shifted - shifted.mean()) / np.sqrt(shifted.var() + 1e-5)


@pytest.mark.parametrize("beta", [0.05, 1.0, 20.0])
def test_every_token_is_shifted_as_the_equations_say(beta):
    """A small beta bounds every shift, a large one none."""
    gate = gate_of(beta)
    torch.manual_seed(1)
    states, frames = torch.randn(3, 5, TEXT), frames_of()
    found = gate(states, frames, LENGTHS).detach().numpy()
    for row in range(3):
        for step in range(5):
            there = {m: frames[m][row, step] for m in WIDTHS if step < LENGTHS[m][row]}
            plain = {m: frame.numpy() for m, frame in there.items()}
            expected = slow_gate(gate, states[row, step].numpy(), plain, beta)
            np.testing.assert_allclose(found[row, step], expected, rtol=1e-4, atol=1e-5)


def test_without_both_streams_a_state_is_only_normalised():
    gate = gate_of()
    states = torch.randn(3, 5, TEXT)
    found = gate(states, frames_of(), LENGTHS)
    torch.testing.assert_close(found[1], gate.norm(states[1]))


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_a_shift_is_never_longer_than_its_share_of_the_state(beta):
    gate = gate_of(beta)
    gate.norm = torch.nn.Identity()
    states = torch.randn(3, 5, TEXT)
    frames = {m: 100 * f for m, f in frames_of().items()}
    moved = gate(states, frames, LENGTHS) - states
    assert (moved.norm(dim=-1) <= beta * states.norm(dim=-1) * (1 + 1e-5)).all()


def test_frames_beyond_the_tokens_and_tokens_beyond_the_frames_are_left_alone():
    gate, states = gate_of(), torch.randn(3, 5, TEXT)
    frames = frames_of(steps=8)
    expected = gate(states, {m: f[:, :5] for m, f in frames.items()}, LENGTHS)
    torch.testing.assert_close(gate(states, frames, LENGTHS), expected)
    short = {m: torch.full_like(n, 2) for m, n in LENGTHS.items()}
    found = gate(states, {m: f[:, :2] for m, f in frames.items()}, short)
    torch.testing.assert_close(found[:, 2:], gate.norm(states[:, 2:]))


def test_gradients_are_finite_where_the_displacement_is_zero():
    """With biases of 0, the zero frames of the encoder's marks give a displacement of exactly 0."""
    gate = gate_of()
    for name, parameter in gate.shifts.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
    states = torch.randn(3, 5, TEXT, requires_grad=True)
    frames = {m: torch.zeros(3, 5, d) for m, d in WIDTHS.items()}
    gate(states, frames, LENGTHS).square().sum().backward()
    gradients = [states.grad, *(p.grad for p in gate.parameters() if p.grad is not None)]
    assert all(g.isfinite().all() for g in gradients)


def test_one_stream_has_no_weights_for_the_other():
    gate = gate_of(widths={Modality.VISION: 4})
    assert list(gate.shifts) == ["vision"]


def test_states_keep_their_precision_and_the_gate_never_waits_for_the_device():
    gate = gate_of()
    states = torch.randn(3, 5, TEXT)
    with torch.autocast("cpu", dtype=torch.bfloat16), NoHostSynchronisation():
        low = gate(states.bfloat16(), frames_of(), LENGTHS)
        high = gate(states, frames_of(), LENGTHS)
    assert (low.dtype, high.dtype) == (torch.bfloat16, torch.float32)
