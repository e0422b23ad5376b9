"""The sparse phased transformer with its phase on equals the released encoder."""

import pytest
import torch

from sugrm.config.sections.encoders import SptConfig
from sugrm.models.build import build_encoder
from sugrm.modules.sparse_pattern import SparsePattern
from sugrm.released import model_from_state_dict
from sugrm.types import Modality
from tests.golden.record_spt_phase import (
    HEADS,
    LAYERS,
    WIDTH,
    WIDTHS,
    frames,
    read_record,
    released_weights,
)
from tests.sugrm.released_shapes import released_encoder_shapes, released_shapes

LETTER = {Modality.TEXT: "t", Modality.AUDIO: "a", Modality.VISION: "v"}


def encoder_with_phase():
    """Return our encoder with the recorded weights; a checkpoint's own phase is off."""
    widths = {m: WIDTHS[letter] for m, letter in LETTER.items()}
    state = {name: torch.zeros(shape) for name, shape in released_shapes(widths, WIDTH).items()}
    encoder_shapes = released_encoder_shapes(widths, WIDTH)
    # The recorder names the weights as the encoder alone does, and numbers them in that order.
    weights = released_weights({n.removeprefix("spe."): s for n, s in encoder_shapes.items()})
    state |= {f"spe.{name}": weight for name, weight in weights.items()}
    trained = model_from_state_dict(state, heads=HEADS, layers=LAYERS).encoder
    config = SptConfig(heads=HEADS, layers=LAYERS, phase="intended", positions="nonzero")
    encoder = build_encoder(config, widths, width=WIDTH)
    encoder.load_state_dict(trained.state_dict())
    return encoder.eval()


def hidden_sequences(encoder):
    sequences = {m: frames()[letter] for m, letter in LETTER.items()}
    lengths = {m: torch.full((len(s),), s.shape[1]) for m, s in sequences.items()}
    with torch.no_grad():
        return encoder.hidden_sequences(sequences, lengths)[0]


def test_hidden_sequences_of_500_frames_equal_the_released_encoders():
    found = hidden_sequences(encoder_with_phase())
    for m, letter in LETTER.items():
        torch.testing.assert_close(found[m], read_record()[letter], rtol=0, atol=1e-5)


def test_the_record_tells_truncation_from_rounding_down(monkeypatch):
    """sin(n / 4) is negative from n = 13 on, so text's 10 queries alone cannot tell."""

    def rounded_down(self, place, frames):
        return torch.floor(frames * torch.sin(0.25 * place)).long()

    monkeypatch.setattr(SparsePattern, "phase_shift", rounded_down)
    found = hidden_sequences(encoder_with_phase())
    for m in (Modality.AUDIO, Modality.VISION):
        with pytest.raises(AssertionError, match="Tensor-likes are not close"):
            torch.testing.assert_close(found[m], read_record()[LETTER[m]], rtol=0, atol=1e-3)
