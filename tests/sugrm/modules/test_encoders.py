"""What every sequence encoder promises, and what SPT alone does."""

import pytest
import torch

from sugrm.config.sections.encoders import LstmConfig, SptConfig, TransformerConfig
from sugrm.models.build import build_encoder
from sugrm.types import Modality
from tests.sugrm.modules.spt_oracle import encode

WIDTHS = {Modality.TEXT: 6, Modality.AUDIO: 3, Modality.VISION: 4}
LENGTHS = {
    Modality.TEXT: [4, 7, 1],
    Modality.AUDIO: [23, 0, 6],
    Modality.VISION: [2, 17, 11],
}
DROPOUTS = ("attention", "relu", "residual", "embedding")
ENCODERS = {
    "spt": SptConfig(heads=2, layers=2),
    "spt without phase": SptConfig(heads=2, layers=2, phase="off"),
    "spt with a wide stride": SptConfig(heads=2, layers=1, stride=30),
    "crossmodal transformer": TransformerConfig(heads=2, layers=2),
    "self-attention transformer": TransformerConfig(heads=2, layers=1, attention="self"),
    "lstm": LstmConfig(depth=2),
}


@pytest.fixture(params=ENCODERS, ids=list(ENCODERS))
def encoder(request):
    torch.manual_seed(0)
    return build_encoder(ENCODERS[request.param], WIDTHS, width=8)


def padded_batch():
    torch.manual_seed(1)
    lengths = {m: torch.tensor(values) for m, values in LENGTHS.items()}
    sequences = {m: torch.randn(3, max(LENGTHS[m]), d) for m, d in WIDTHS.items()}
    return sequences, lengths


def test_a_padded_batch_gives_each_utterance_what_it_gives_alone(encoder):
    encoder.eval()
    sequences, lengths = padded_batch()
    together = encoder(sequences, lengths)
    for row in range(3):
        own = {m: values[row] for m, values in LENGTHS.items()}
        alone = encoder(
            {m: s[row : row + 1, : max(1, own[m])] for m, s in sequences.items()},
            {m: torch.tensor([own[m]]) for m in WIDTHS},
        )
        for m in WIDTHS:
            if own[m]:
                torch.testing.assert_close(together[m][row], alone[m][0], rtol=1e-5, atol=1e-6)


def test_what_lies_in_the_padding_never_matters(encoder):
    encoder.eval()
    sequences, lengths = padded_batch()
    disturbed = {m: s.clone() for m, s in sequences.items()}
    for m, values in LENGTHS.items():
        for row, length in enumerate(values):
            disturbed[m][row, max(1, length) :] = 1e3
    found, expected = encoder(disturbed, lengths), encoder(sequences, lengths)
    for m, values in LENGTHS.items():
        real = torch.tensor(values) > 0
        torch.testing.assert_close(found[m][real], expected[m][real], rtol=1e-5, atol=1e-6)


def test_gradients_reach_every_parameter(encoder):
    sequences, _ = padded_batch()
    full = {m: torch.full((3,), s.shape[1]) for m, s in sequences.items()}
    sum(
        (vector * torch.randn_like(vector)).sum() for vector in encoder(sequences, full).values()
    ).backward()
    missing = [n for n, p in encoder.named_parameters() if p.grad is None or not p.grad.any()]
    # The bias of a key projection cancels in the softmax, so its gradient is 0.
    assert [n for n in missing if not n.endswith(("key.bias",))] == []


def test_an_absent_stream_is_not_heard():
    torch.manual_seed(0)
    encoder = build_encoder(ENCODERS["spt"], WIDTHS, width=8).eval()
    sequences, lengths = padded_batch()
    lengths[Modality.AUDIO] = torch.zeros(3, dtype=torch.long)
    disturbed = {**sequences, Modality.AUDIO: sequences[Modality.AUDIO] + 5}
    found, expected = encoder(disturbed, lengths), encoder(sequences, lengths)
    assert torch.equal(found[Modality.TEXT], expected[Modality.TEXT])
    assert torch.equal(found[Modality.VISION], expected[Modality.VISION])


def test_a_stream_alone_in_its_utterance_is_finite(encoder):
    sequences, lengths = padded_batch()
    lengths[Modality.AUDIO] = lengths[Modality.VISION] = torch.zeros(3, dtype=torch.long)
    assert all(vector.isfinite().all() for vector in encoder(sequences, lengths).values())


@pytest.fixture(params=[True, False], ids=["packed", "padded"])
def spt(request):
    torch.manual_seed(0)
    encoder = build_encoder(SptConfig(heads=2, layers=3), WIDTHS, width=8).eval()
    encoder.packed = request.param
    return encoder


@pytest.mark.slow
def test_spt_equals_its_definition_written_out(spt):
    own = {Modality.TEXT: 31, Modality.AUDIO: 88, Modality.VISION: 47}
    sequences = {m: torch.randn(1, own[m], WIDTHS[m]) for m in (*WIDTHS,)}
    found = spt(sequences, {m: torch.tensor([own[m]]) for m in own})
    for m, expected in encode(spt, {m: s[0] for m, s in sequences.items()}, layers=3).items():
        torch.testing.assert_close(found[m][0], expected, rtol=1e-5, atol=1e-6)


def test_the_vectors_of_spt_are_its_last_hidden_steps(spt):
    sequences, lengths = padded_batch()
    hidden, steps = spt.hidden_sequences(sequences, lengths)
    for m, vectors in spt(sequences, lengths).items():
        for row, count in enumerate(steps[m]):
            torch.testing.assert_close(vectors[row], hidden[m][row, count - 1])


SPT = {
    "three streams": (SptConfig(heads=2, layers=3), tuple(WIDTHS)),
    "one layer": (SptConfig(heads=4, layers=1), tuple(WIDTHS)),
    "no phase, positions of frames that are not zero": (
        SptConfig(heads=2, layers=2, phase="off", positions="nonzero"),
        tuple(WIDTHS),
    ),
    "two streams": (SptConfig(heads=1, layers=2), (Modality.AUDIO, Modality.VISION)),
    "one stream": (SptConfig(heads=8, layers=2), (Modality.VISION,)),
    "short windows": (SptConfig(heads=2, layers=2, radius=(0, 1, 0), stride=1), tuple(WIDTHS)),
}


@pytest.mark.parametrize("name", SPT)
def test_spt_without_padding_equals_spt_with_it_and_so_do_the_gradients(name):
    config, streams = SPT[name]
    torch.manual_seed(0)
    no_dropout = {f"{kind}_dropout": 0.0 for kind in DROPOUTS}
    encoder = build_encoder(
        config.model_copy(update=no_dropout), {m: WIDTHS[m] for m in streams}, width=8
    )
    sequences, lengths = padded_batch()
    factors = {m: torch.randn(3, 8) for m in WIDTHS}
    found = []
    for packed in (True, False):
        encoder.packed = packed
        encoder.zero_grad()
        inputs = {m: s.clone().requires_grad_() for m, s in sequences.items()}
        vectors = encoder(inputs, lengths)
        real = {m: (lengths[m] > 0)[:, None] for m in streams}
        sum((vectors[m] * factors[m] * real[m]).sum() for m in streams).backward()
        found.append(
            {m: vectors[m] * real[m] for m in streams}
            | {n: p.grad for n, p in encoder.named_parameters()}
            | {f"{m} frames": inputs[m].grad for m in streams}
        )
    packed, padded = found
    for key, expected in padded.items():
        torch.testing.assert_close(packed[key], expected, rtol=1e-4, atol=1e-5, msg=str(key))


@pytest.mark.parametrize("packed", [True, False])
def test_spt_computes_in_bfloat16_near_to_float32(packed):
    torch.manual_seed(0)
    encoder = build_encoder(SptConfig(heads=2, layers=2), WIDTHS, width=8).eval()
    encoder.packed = packed
    sequences, lengths = padded_batch()
    expected = encoder(sequences, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        found = encoder(sequences, lengths)
        sum(vector.sum() for vector in found.values()).backward()
    for m, vectors in found.items():
        torch.testing.assert_close(vectors.float(), expected[m], rtol=0.1, atol=0.1)


def test_phase_noise_is_drawn_in_training_only():
    torch.manual_seed(0)
    config = SptConfig(
        heads=2,
        layers=1,
        stride=40,
        attention_dropout=0,
        relu_dropout=0,
        residual_dropout=0,
        embedding_dropout=0,
    )
    encoder = build_encoder(config, WIDTHS, width=8)
    sequences = {m: torch.randn(1, 400, d) for m, d in WIDTHS.items()}
    lengths = {m: torch.tensor([400]) for m in WIDTHS}
    text = Modality.TEXT
    drawn = [encoder(sequences, lengths)[text] for _ in range(4)]
    assert any(not torch.equal(drawn[0], other) for other in drawn[1:])
    encoder.eval()
    assert torch.equal(encoder(sequences, lengths)[text], encoder(sequences, lengths)[text])


@pytest.mark.parametrize(("widths", "weights"), [((768, 5, 20), 161_074), ((768, 74, 35), 166_618)])
def test_spt_has_the_released_number_of_weights(widths, weights):
    """The released code counts 192 more: a norm in each self-attention that it never uses."""
    streams = dict(zip((Modality.TEXT, Modality.AUDIO, Modality.VISION), widths, strict=True))
    encoder = build_encoder(SptConfig(), streams, width=32)
    assert sum(p.numel() for p in encoder.parameters()) == weights - 192
