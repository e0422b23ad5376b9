import pytest
import torch
from pydantic import ValidationError

from sugrm.config import RavenConfig, resolve
from sugrm.models import build_model
from sugrm.types import Batch, Task
from tests.host_synchronisation import NoHostSynchronisation

AUDIO, VISION, TEXT = 3, 4, 6
SMALL = {"frame_width": 8, "nonverbal_width": 8, "width": 8}


def model_for(alignment="aligned", **options):
    torch.manual_seed(0)
    layers = ({"alignment": alignment}, {"model": {"name": "raven", **SMALL, **options}})
    config = resolve(*layers)
    return build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)


def batch_of(audio=(4, 2, 3), vision=(4, 2, 3), text=(4, 2, 3)):
    torch.manual_seed(1)
    return Batch(
        text_features=torch.randn(3, 4, TEXT),
        audio=torch.randn(3, 4, AUDIO),
        vision=torch.randn(3, 4, VISION),
        text_lengths=torch.tensor(text),
        audio_lengths=torch.tensor(audio),
        vision_lengths=torch.tensor(vision),
    )


def test_the_sentiment_is_read_from_the_last_word_of_the_shifted_sequence():
    """Each utterance alone through torch's LSTM, its words shifted by the module's own parts."""
    model, batch = model_for().eval(), batch_of()
    found = model(batch)
    for row, length in enumerate([4, 2, 3]):
        words = batch.text_features[row : row + 1, :length]
        real = torch.ones(1, length, dtype=torch.bool)
        spoken = model.audio_encoder(batch.audio[row : row + 1, :length], real)
        seen = model.vision_encoder(batch.vision[row : row + 1, :length], real)
        shift = model.mixing([spoken, seen], words)
        scale = (0.2 * words.norm(dim=-1) / shift.norm(dim=-1)).clamp(max=1)[..., None]
        _, (last, _) = model.encoder(words + scale * shift)
        torch.testing.assert_close(found.features[Task.MULTIMODAL][row], last[0, 0])
        expected = model.out(last[0, 0]).squeeze()
        torch.testing.assert_close(found.predictions[Task.MULTIMODAL][row], expected)


def test_an_absent_stream_adds_nothing_to_the_shift():
    """The shift of absent audio is that of a silent one: its state is 0 at every word."""
    model = model_for().eval()
    absent = model(batch_of(audio=(0, 0, 0))).features[Task.MULTIMODAL]
    for parameter in (*model.audio_encoder.lstm.parameters(),):
        torch.nn.init.zeros_(parameter)  # h = sigmoid(0) * tanh(sigmoid(0) * tanh(0)) = 0
    silent = model(batch_of()).features[Task.MULTIMODAL]
    torch.testing.assert_close(absent, silent)


def test_a_stream_that_is_not_chosen_has_no_weights():
    names = {name for name, _ in model_for(modalities=["text", "vision"]).named_parameters()}
    assert not any("audio" in name for name in names)


def test_without_a_word_the_state_is_that_before_the_first():
    output = model_for().eval()(batch_of(text=(0, 2, 3)))
    assert not output.features[Task.MULTIMODAL][0].any()


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_a_forward_pass_never_waits_for_the_device(alignment):
    model, batch = model_for(alignment), batch_of()
    with NoHostSynchronisation():
        model(batch)


@pytest.mark.parametrize("given", [[], ["text"], ["audio", "text"], ["text", "audio", "audio"]])
def test_the_text_leads_one_or_two_others(given):
    with pytest.raises(ValidationError, match="modalities is text, then audio, vision or both"):
        RavenConfig(modalities=given)


def test_equal_settings_are_equal_whatever_the_order_of_the_streams():
    forth, back = ["text", "audio", "vision"], ["text", "vision", "audio"]
    assert RavenConfig(modalities=forth) == RavenConfig(modalities=back)
