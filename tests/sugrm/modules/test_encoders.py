"""What every sequence encoder promises, and what SPT alone does."""

import math

import pytest
import torch

from sugrm.config.sections.encoders import LstmConfig, SptConfig, TransformerConfig
from sugrm.models.build import build_encoder
from sugrm.types import Modality

WIDTHS = {Modality.TEXT: 6, Modality.AUDIO: 3, Modality.VISION: 4}
LENGTHS = {
    Modality.TEXT: [4, 7, 1],
    Modality.AUDIO: [23, 0, 6],
    Modality.VISION: [2, 17, 11],
}
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


def spt_alone(encoder, sequences):
    """Encode one utterance without padding; windows from the formula, one number at a time."""
    stride, (wide, cross, near) = encoder.pattern.stride, encoder.windows
    keys = {m: encoder._embed(encoder.scale * frames) for m, frames in sequences.items()}
    hidden = encoder._start(sequences)
    for layer in range(encoder.layers):

        def windows(queries, keys, step, window, shifts):
            return torch.tensor(
                [
                    [
                        [((n + 1) * step - window + shifts[n] + j) % keys for j in range(window)]
                        for n in range(queries)
                    ]
                ]
            )

        size = {m: hidden[m].shape[1] for m in hidden}
        for m in hidden:
            frames = keys[m].shape[1]
            phase = [layer + int(frames * math.sin(n / 4)) for n in range(size[m])]
            own = windows(size[m], frames, stride, wide, phase)
            hidden[m] = encoder.input[m](hidden[m], keys[m], own)
        still = [layer] * max(size.values())
        attended = dict.fromkeys(hidden, 0.0)
        for pair in ("audio_text", "text_vision", "vision_audio"):
            a, b = (Modality(name) for name in pair.split("_"))
            for target, source in ((a, b), (b, a)):
                seen = windows(size[target], size[source], 1, cross, still)
                attended[target] = attended[target] + encoder.cross[pair](
                    hidden[target], hidden[source], seen, reverse=target is b
                )
        for m in hidden:
            hidden[m] = encoder.own[m](attended[m], None, windows(size[m], size[m], 1, near, still))
    return {m: encoder.norm(hidden[m])[:, -1] for m in hidden}


def test_spt_equals_its_definition_written_out():
    torch.manual_seed(0)
    encoder = build_encoder(SptConfig(heads=2, layers=3), WIDTHS, width=8).eval()
    own = {Modality.TEXT: 31, Modality.AUDIO: 88, Modality.VISION: 47}
    sequences = {m: torch.randn(1, own[m], WIDTHS[m]) for m in (*WIDTHS,)}
    found = encoder(sequences, {m: torch.tensor([own[m]]) for m in own})
    for m, expected in spt_alone(encoder, sequences).items():
        torch.testing.assert_close(found[m], expected, rtol=1e-5, atol=1e-6)


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
