"""LF-LSTM against its equations."""

import pytest
import torch

from sugrm.config import TrainingConfig, resolve
from sugrm.models import build_model
from sugrm.training.optimisation.optimiser import parameter_groups
from sugrm.types import Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of

SMALL = {
    "model": {"name": "lf_lstm", "text_width": 5, "audio_width": 2, "vision_width": 3, "width": 4}
}


def model_for(*layers):
    torch.manual_seed(0)
    config = resolve(SMALL, *layers)
    return build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)


def test_the_last_states_of_all_streams_are_joined_and_scored():
    model, batch = model_for().eval(), batch_of([4, 2], [9, 0], [3, 7])
    output = model(batch)
    for row, (text, audio, vision) in enumerate([(4, 9, 3), (2, 0, 7)]):
        states = [
            model.encoder.lstm(batch.text_features[row, :text])[0][-1],
            model.audio_encoder.lstm(batch.audio[row, :audio])[0][-1] if audio else torch.zeros(2),
            model.vision_encoder.lstm(batch.vision[row, :vision])[0][-1],
        ]
        hidden, score = model.head(torch.cat(states))
        torch.testing.assert_close(output.predictions[Task.MULTIMODAL][row], score)
        torch.testing.assert_close(output.features[Task.MULTIMODAL][row], hidden)


@pytest.mark.parametrize(
    ("modalities", "encoders"),
    [
        (["text"], {"encoder"}),
        (["vision", "audio"], {"audio_encoder", "vision_encoder"}),
        (["audio", "text"], {"encoder", "audio_encoder"}),
    ],
)
def test_a_subset_has_its_own_lstms_alone(modalities, encoders):
    model = model_for({"model": {"modalities": modalities}})
    assert {name for name, _ in model.named_children() if name.endswith("encoder")} == encoders


def test_each_stream_can_have_a_rate_of_its_own():
    rates = {"audio": 1e-3, "vision": 2e-3, "encoder": 3e-3, "others": 4e-3}
    config = TrainingConfig(learning_rate=rates)
    groups = parameter_groups(model_for(), config)
    assert [(group["lr"], len(group["params"])) for group in groups] == [
        (1e-3, 4),
        (2e-3, 4),
        (3e-3, 4),
        (4e-3, 4),
    ]


def test_a_forward_pass_never_waits_for_the_device():
    model, batch = model_for(), batch_of([4, 2], [9, 0], [3, 7])
    with NoHostSynchronisation():
        model(batch)
