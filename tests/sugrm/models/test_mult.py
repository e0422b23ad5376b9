from dataclasses import replace

import pytest
import torch
from pydantic import ValidationError

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.types import Modality, Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import batch_of, streams_of
from tests.sugrm.modules.mult_oracle import predicted, weights_of

WIDTHS = {"text": 6, "audio": 3, "vision": 4}
SMALL = {"model": {"name": "mult", "width": 8, "heads": 2, "layers": 2, "self_layers": 1}}


def config_of(*layers):
    return resolve(SMALL, *layers)


def model_for(*layers, **widths):
    torch.manual_seed(0)
    widths = {"text_width": 6, **widths}
    return build_model(config_of(*layers), audio_width=3, vision_width=4, **widths)


def sentiment(model, batch):
    return model(batch).predictions[Task.MULTIMODAL]


@pytest.mark.parametrize("future_mask", [True, False])
def test_mult_equals_its_equations_written_out(future_mask):
    model = model_for({"model": {"future_mask": future_mask}}).eval()
    batch = batch_of(text=[3, 5], audio=[9, 6], vision=[4, 7])
    found = sentiment(model, batch)
    for row in range(2):
        streams = {
            "text": batch.text_features[row, : batch.text_lengths[row]],
            "audio": batch.audio[row, : batch.audio_lengths[row]],
            "vision": batch.vision[row, : batch.vision_lengths[row]],
        }
        expected = predicted(
            {m: frames.double().numpy() for m, frames in streams.items()},
            weights_of(model),
            heads=2,
            future_mask=future_mask,
        )
        assert found[row].item() == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "crossmodal", "own", "head"),
    [
        ({}, 6, 3, 3 * 2 * 8),
        ({"targets": ["vision"]}, 2, 1, 2 * 8),
        ({"modalities": ["text", "vision"]}, 2, 2, 2 * 8),
        ({"modalities": ["audio"]}, 0, 1, 8),
    ],
)
def test_modalities_and_targets_choose_the_stacks(options, crossmodal, own, head):
    model = model_for({"model": options})
    assert len(model.encoder.cross) == crossmodal
    assert len(model.encoder.own) == own
    assert model.head.out.in_features == head


def test_a_stack_has_the_attention_dropout_of_the_stream_that_it_reads():
    dropouts = {
        "attention_dropout": 0.1,
        "audio_attention_dropout": 0.2,
        "vision_attention_dropout": 0.3,
    }
    encoder = model_for({"model": dropouts}).encoder
    expected = {"text": 0.1, "audio": 0.2, "vision": 0.3}
    for name, module in encoder.cross.items():
        assert module.stack.attentions[0].dropout == expected[name.split("_from_")[1]]
    assert {module.stack.attentions[0].dropout for module in encoder.own.values()} == {0.1}


@pytest.mark.parametrize(("layers", "expected"), [(2, 3), (5, 5)])
def test_self_attention_has_three_layers_at_least_where_the_options_name_none(layers, expected):
    encoder = model_for({"model": {"layers": layers, "self_layers": None}}).encoder
    assert len(encoder.own["text"].stack.attentions) == expected
    assert len(encoder.cross["text_from_audio"].stack.attentions) == layers


def test_a_target_without_frames_gives_a_zero_vector():
    model = model_for().eval()
    batch = batch_of(text=[3, 5], audio=[0, 6], vision=[4, 7])
    sequences, lengths = streams_of(batch)
    vectors = model.encoder(sequences, lengths)
    assert not vectors[Modality.AUDIO][0].any()
    assert all(vector.any(-1).all() for m, vector in vectors.items() if m != Modality.AUDIO)


def test_without_the_text_no_text_encoder_is_loaded_or_asked_for():
    model = model_for({"model": {"modalities": ["audio", "vision"]}}, text_width=None)
    assert model.text_encoder is None
    batch = batch_of(text=[3, 5], audio=[2, 6], vision=[4, 7])
    tokens = torch.zeros(2, 1, dtype=torch.long)
    assert sentiment(model, replace(batch, text_features=None, token_ids=tokens)).shape == (2,)


def test_a_forward_pass_never_waits_for_the_device():
    model = model_for()
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[0, 13])
    with NoHostSynchronisation():
        model(batch)


def test_the_published_unaligned_model_has_the_weights_of_its_equations():
    """By hand: six stacks of width d = 40 and three of 2 d, all of four layers.

    A layer has 12 d^2 + 13 d weights: attention 4 d^2 + 4 d, feed-forward 8 d^2 + 5 d, two norms
    4 d. A last norm of 2 d ends a stack. The head reads 6 d = 240.
    """
    model = build_model(resolve({"preset": "mult"}), audio_width=5, vision_width=20, text_width=300)

    def stack(d):
        return 4 * (12 * d**2 + 13 * d) + 2 * d

    expected = 6 * stack(40) + 3 * stack(80) + 2 * 240**2 + 3 * 240 + 1 + 40 * (300 + 15 + 60)
    assert sum(p.numel() for p in model.parameters()) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 8, "heads": 3}, "width 8 is not a multiple of heads 3"),
        ({"modalities": ["text", "text"]}, "names one twice: text, text"),
        ({"modalities": []}, "needs at least one of text, audio, vision"),
        (
            {"modalities": ["text", "audio"], "targets": ["vision"]},
            "targets names vision, which modalities leaves out: choose among text, audio",
        ),
        ({"kernel_sizes": {"audio": 4}}, "kernel size 4 is even"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValidationError, match=message):
        config_of({"model": options})


def test_modalities_take_their_own_order():
    config = config_of({"model": {"modalities": ["vision", "text"]}})
    assert config.model.streams == (Modality.TEXT, Modality.VISION)
