from dataclasses import replace

import pytest
import torch

from sugrm.config import ObjectiveConfig, resolve
from sugrm.models import build_model
from sugrm.types import Batch, Modality, Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of

SMALL = {"model": {"width": 8, "encoder": {"heads": 2, "layers": 2}}}


def model_for(*layers):
    torch.manual_seed(0)
    config = resolve({"preset": ["mosi", "paper"]}, SMALL, *layers)
    return build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)


def alone(batch, row):
    def cut(sequence, lengths):
        return sequence[row : row + 1, : max(1, int(lengths[row]))]

    return Batch(
        text_features=cut(batch.text_features, batch.text_lengths),
        audio=cut(batch.audio, batch.audio_lengths),
        vision=cut(batch.vision, batch.vision_lengths),
        text_lengths=batch.text_lengths[row : row + 1],
        audio_lengths=batch.audio_lengths[row : row + 1],
        vision_lengths=batch.vision_lengths[row : row + 1],
    )


VARIANTS = {
    "paper": {},
    "no recalibration": {"model": {"recalibration": "none"}},
    "projection": {"model": {"projection": "linear"}},
    "two-layer heads": {"model": {"head": "two_layer"}},
    "lstm": {"model": {"encoder": {"name": "lstm"}}},
    "transformer": {"model": {"encoder": {"name": "transformer"}}},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_padded_batch_equals_each_utterance_alone(variant):
    model = model_for(VARIANTS[variant]).eval()
    batch = batch_of(text=[3, 9, 1], audio=[21, 0, 4], vision=[0, 0, 13])
    together = model(batch)
    for row in range(3):
        own = model(alone(batch, row))
        for task in Task:
            if together.present[task][row]:
                torch.testing.assert_close(
                    together.predictions[task][row], own.predictions[task][0], rtol=1e-5, atol=1e-6
                )


def test_released_lengths_let_padding_count():
    model = model_for({"model": {"lengths": "ignored"}}).eval()
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[5, 13])
    difference = (
        model(batch).predictions[Task.MULTIMODAL][0]
        - model(alone(batch, 0)).predictions[Task.MULTIMODAL]
    )
    assert difference.abs() > 1e-4


def test_an_absent_stream_is_marked_and_changes_nothing_else():
    model = model_for().eval()
    batch = batch_of(text=[3, 9], audio=[0, 6], vision=[5, 13])
    output = model(batch)
    assert output.present[Task.AUDIO].tolist() == [False, True]
    assert output.present[Task.MULTIMODAL].tolist() == [True, True]
    disturbed = batch.audio.clone()
    disturbed[0] += 7
    again = model(replace(batch, audio=disturbed))
    assert torch.equal(again.predictions[Task.MULTIMODAL], output.predictions[Task.MULTIMODAL])


def test_an_utterance_without_any_stream_is_finite():
    model = model_for()
    batch = batch_of(text=[0, 2], audio=[0, 2], vision=[0, 2])
    output = model(batch)
    sum(p.sum() for p in output.predictions.values()).backward()
    assert all(p.isfinite().all() for p in output.predictions.values())
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("tasks", ["M", "MT", "MA", "MV", "MTA", "MTV", "MAV", "MTAV"])
def test_every_subset_of_tasks_has_its_own_heads_alone(tasks):
    model = model_for({"objective": {"tasks": list(tasks)}})
    output = model(batch_of(text=[3, 2], audio=[4, 5], vision=[6, 3]))
    assert "".join(output.predictions) == tasks
    assert set(model.heads) == set(tasks)


def test_gradients_reach_every_parameter():
    model = model_for()
    output = model(batch_of(text=[9, 8, 7], audio=[21, 9, 14], vision=[5, 13, 8]))
    sum((p**2).sum() for p in output.predictions.values()).backward()
    missing = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    # The bias of a key projection cancels in the softmax, so its gradient is 0 up to rounding.
    assert [n for n in missing if not n.endswith("key.bias")] == []


def test_a_forward_pass_never_waits_for_the_device():
    model = model_for()
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[0, 13])
    with NoHostSynchronisation():
        model(batch)


def test_a_batch_without_text_is_refused():
    model = model_for()
    batch = Batch(audio=torch.zeros(1, 2, AUDIO), vision=torch.zeros(1, 2, VISION))
    with pytest.raises(ValueError, match="needs token_ids and a model with a text encoder"):
        model(batch)


@pytest.mark.parametrize(("widths", "weights"), [((768, 5, 20), 486_721), ((768, 74, 35), 562_468)])
def test_the_released_model_has_the_released_number_of_weights(widths, weights):
    """The released code counts 192 more: a norm in each self-attention that it never uses."""
    text, audio, vision = widths
    config = resolve({"preset": ["mosi", "released"]})
    model = build_model(config, audio_width=audio, vision_width=vision, text_width=text)
    assert sum(p.numel() for p in model.parameters()) == weights - 192


@pytest.mark.parametrize(
    ("modalities", "recalibrated", "crossed", "tasks"),
    [
        (["text", "audio", "vision"], 3, 3, "MTAV"),
        (["text", "vision"], 2, 1, "MTV"),
        (["audio", "vision"], 2, 1, "MAV"),
        (["audio"], 0, 0, "MA"),
    ],
)
def test_a_stream_that_is_left_out_has_no_weights(modalities, recalibrated, crossed, tasks):
    model = model_for({"model": {"modalities": modalities}})
    names = {name for name, _ in model.named_parameters()}
    assert len({n.split(".")[2] for n in names if ".excite." in n}) == recalibrated
    assert len(model.encoder.cross) == crossed
    assert "".join(model.heads) == tasks
    assert model.heads["M"].hidden.in_features == 8 * len(modalities)
    absent = set(Modality) - set(modalities)
    assert [name for name in names if any(m in name for m in absent)] == []


def test_two_streams_recalibrate_each_other_and_one_is_left_as_it_is():
    """Without an encoder across streams the text's own prediction reads the audio by its gates."""
    batch = batch_of(text=[3, 5], audio=[4, 5], vision=[6, 3])
    lstm = {"model": {"encoder": {"name": "lstm"}, "modalities": ["text", "audio"]}}
    model = model_for(lstm).eval()
    before = model(batch).predictions[Task.TEXT]
    assert (model(replace(batch, audio=-batch.audio)).predictions[Task.TEXT] != before).any()
    alone = {"encoder": {"name": "lstm"}, "modalities": ["text"]}
    gated, plain = (
        model_for({"model": {**alone, "recalibration": name}}) for name in ("sugrm", "none")
    )
    assert set(gated.state_dict()) == set(plain.state_dict())


def test_without_text_no_text_encoder_is_loaded(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a text encoder is loaded")

    monkeypatch.setattr("sugrm.models.load_text_encoder", refuse)
    config = resolve(SMALL, {"model": {"modalities": ["audio", "vision"]}})
    model = build_model(config, audio_width=AUDIO, vision_width=VISION)
    batch = replace(batch_of(text=[3, 2], audio=[4, 5], vision=[6, 3]), text_features=None)
    assert model.text_encoder is None
    assert "".join(model(batch).predictions) == "MAV"


def test_all_tasks_are_the_default():
    assert ObjectiveConfig().tasks == tuple(Task)
    assert len(Modality) == 3
