"""EF-LSTM against its equations, and what it makes of unaligned input."""

import pytest
import torch
from pydantic import ValidationError

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.types import Batch, Modality, Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of

STEPS = 8
SMALL = {"model": {"name": "ef_lstm", "width": 5, "depth": 2}}


def model_for(alignment, *layers):
    torch.manual_seed(0)
    config = resolve({"alignment": alignment}, SMALL, *layers)
    return build_model(
        config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT, text_steps=STEPS
    )


def test_aligned_streams_are_joined_read_and_scored():
    """Two stacked LSTMs over [x_t; x_a; x_v], then W2 ReLU(W1 h + b1) + b2."""
    model, batch = model_for("aligned").eval(), batch_of([4, 2], [4, 0], [4, 2])
    output = model(batch)
    assert output.alignments == ()
    for row, length in enumerate([4, 2]):
        audio = batch.audio[row, :length] * (batch.audio_lengths[row] > 0)
        joined = [batch.text_features[row, :length], audio, batch.vision[row, :length]]
        states, _ = model.encoder.lstm(torch.cat(joined, dim=-1))
        hidden = (model.head.hidden.weight @ states[-1] + model.head.hidden.bias).clamp(min=0)
        score = model.head.out.weight[0] @ hidden + model.head.out.bias[0]
        torch.testing.assert_close(output.predictions[Task.MULTIMODAL][row], score)
        torch.testing.assert_close(output.features[Task.MULTIMODAL][row], hidden)


def test_unaligned_audio_and_vision_are_aligned_to_the_text_first():
    model, batch = model_for("unaligned").eval(), batch_of([4, 2], [7, 5], [6, 0])
    output = model(batch)
    assert [tuple(found.log_probabilities.shape) for found in output.alignments] == [
        (2, 7, STEPS + 1),
        (2, 6, STEPS + 1),
    ]
    audio, _, _ = model.alignments["audio"](
        batch.audio, batch.audio_lengths, batch.text_lengths, steps=4
    )
    vision, _, _ = model.alignments["vision"](
        batch.vision, batch.vision_lengths, batch.text_lengths, steps=4
    )
    joined = torch.cat([batch.text_features, audio, vision], dim=-1)
    hidden, score = model.head(model.encoder(joined, batch.text_lengths))
    torch.testing.assert_close(output.predictions[Task.MULTIMODAL], score)
    torch.testing.assert_close(output.features[Task.MULTIMODAL], hidden)


def test_aligned_input_needs_no_alignment_module():
    assert len(model_for("aligned").alignments) == 0
    text_alone = {"model": {"modalities": ["text"]}}
    assert len(model_for("unaligned", text_alone).alignments) == 0


def test_unaligned_input_without_text_is_refused():
    without_text = {"model": {"modalities": ["vision", "audio"]}}
    with pytest.raises(ValidationError) as caught:
        resolve({"alignment": "unaligned"}, SMALL, without_text)
    assert (
        "model.name: ef_lstm aligns unaligned input to the text; got model.modalities: audio, "
        "vision; add text, set alignment: aligned, or choose another model" in str(caught.value)
    )
    resolve({"alignment": "aligned"}, SMALL, without_text)


def test_an_utterance_without_text_has_the_state_zero():
    model = model_for("aligned").eval()
    batch = batch_of([0, 3], [4, 3], [4, 3])
    _, nothing = model.head(torch.zeros(5))
    torch.testing.assert_close(model(batch).predictions[Task.MULTIMODAL][0], nothing)


def test_without_the_text_no_text_encoder_is_needed():
    config = resolve({"alignment": "aligned"}, SMALL, {"model": {"modalities": ["audio"]}})
    model = build_model(config, audio_width=AUDIO, vision_width=VISION)
    batch = Batch(
        audio=torch.randn(2, 3, AUDIO),
        vision=torch.randn(2, 3, VISION),
        token_ids=torch.zeros(2, 1, dtype=torch.long),
    )
    assert model(batch).predictions[Task.MULTIMODAL].shape == (2,)
    assert model.streams == (Modality.AUDIO,)


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_a_forward_pass_never_waits_for_the_device(alignment):
    model, batch = model_for(alignment), batch_of([4, 2], [4, 0], [4, 2])
    with NoHostSynchronisation():
        model(batch)
