from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.types import Batch, Modality, Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of
from tests.sugrm.models.released_self_mm import self_mm_of

ARCHIVE = Path(__file__).parents[4] / "shared" / "golden" / "selfmm-mosi-aligned.npz"
FEATURE = {Task.MULTIMODAL: "f", Task.TEXT: "t", Task.AUDIO: "a", Task.VISION: "v"}
ENCODERS = {
    "lstm": {},
    "spt": {"encoder_width": 8, "encoder": {"name": "spt", "heads": 2, "layers": 2}},
    "transformer": {
        "encoder_width": 8,
        "encoder": {"name": "transformer", "heads": 2, "layers": 1},
    },
}


def model_for(*layers):
    torch.manual_seed(0)
    config = resolve({"preset": "self_mm"}, *layers)
    return build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)


def test_forward_matches_the_released_code():
    if not ARCHIVE.exists():
        pytest.skip(f"reference numbers {ARCHIVE.name} are not on this machine")
    numbers = np.load(ARCHIVE)
    prefix = "state_dict/"
    weights = {n.removeprefix(prefix): numbers[n] for n in numbers.files if n.startswith(prefix)}
    inputs = ("audio", "vision", "audio_lengths", "vision_lengths", "text_lengths")
    given = {name: torch.tensor(numbers[f"inputs/{name}"]) for name in inputs}
    text = torch.tensor(numbers["inputs/text_hidden"])
    output = self_mm_of(weights)(Batch(text_features=text, **given))
    for task, letter in FEATURE.items():
        prediction, feature = output.predictions[task].detach(), output.features[task].detach()
        expected = numbers[f"outputs/{task}"][:, 0]
        np.testing.assert_allclose(prediction, expected, rtol=0, atol=1e-5)
        expected = numbers[f"outputs/Feature_{letter}"]
        np.testing.assert_allclose(feature, expected, rtol=0, atol=1e-5)


def test_each_task_has_the_width_that_the_options_give_it():
    output = model_for()(batch_of(text=[3, 2], audio=[4, 5], vision=[6, 3]))
    widths = {task: feature.shape[1] for task, feature in output.features.items()}
    assert widths == {"M": 128, "T": 64, "A": 16, "V": 32}


def test_features_are_what_one_layer_makes_of_a_streams_vector():
    """Without dropout F*_t = ReLU(W x + b) of the first token's features."""
    model = model_for().eval()
    batch = batch_of(text=[3, 2], audio=[4, 5], vision=[6, 3])
    hidden = model.heads["T"].hidden
    expected = torch.relu(batch.text_features[:, 0] @ hidden.weight.T + hidden.bias)
    torch.testing.assert_close(model(batch).features[Task.TEXT], expected)


def test_of_the_text_only_the_first_token_is_read():
    model = model_for().eval()
    batch = batch_of(text=[3, 5], audio=[4, 5], vision=[6, 3])
    before = model(batch).predictions[Task.MULTIMODAL]
    batch.text_features[:, 1:] += 7
    assert torch.equal(model(batch).predictions[Task.MULTIMODAL], before)


@pytest.mark.parametrize("encoder", ["spt", "transformer"])
def test_another_encoder_reads_all_of_the_text(encoder):
    model = model_for({"model": ENCODERS[encoder]}).eval()
    batch = batch_of(text=[3, 5], audio=[4, 5], vision=[6, 3])
    before = model(batch).predictions[Task.TEXT]
    batch.text_features[:, 2] += 7
    assert (model(batch).predictions[Task.TEXT] != before).all()


def test_recalibration_lets_every_stream_gate_the_others():
    """The audio's own prediction reads the vision through the gates alone."""
    batch = batch_of(text=[3, 5], audio=[4, 5], vision=[6, 3])
    changed = {}
    for recalibration in ("none", "sugrm"):
        model = model_for({"model": {"recalibration": recalibration}}).eval()
        before = model(batch).predictions[Task.AUDIO]
        after = model(replace(batch, vision=-batch.vision)).predictions[Task.AUDIO]
        changed[recalibration] = bool((after != before).any())
    assert changed == {"none": False, "sugrm": True}


@pytest.mark.parametrize("tasks", ["M", "MT", "MAV", "MTAV"])
def test_every_subset_of_tasks_has_its_own_heads_alone(tasks):
    model = model_for({"objective": {"tasks": list(tasks)}})
    output = model(batch_of(text=[3, 2], audio=[4, 5], vision=[6, 3]))
    assert "".join(output.predictions) == tasks
    assert set(model.heads) == set(tasks)


def test_an_absent_stream_is_marked():
    output = model_for()(batch_of(text=[3, 2], audio=[0, 5], vision=[6, 0]))
    present = {task: there.tolist() for task, there in output.present.items()}
    assert present[Task.AUDIO] == [False, True]
    assert present[Task.VISION] == [True, False]
    assert present[Task.MULTIMODAL] == present[Task.TEXT] == [True, True]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_forward_pass_never_waits_for_the_device(encoder):
    model = model_for({"model": {**ENCODERS[encoder], "recalibration": "sugrm"}})
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[0, 13])
    with NoHostSynchronisation():
        model(batch)


def test_the_encoders_widths_are_those_of_the_options():
    model = model_for({"model": {"encoder": {"audio_out": 5, "vision_hidden": 7}}})
    assert model.encoder.out_widths == {
        Modality.TEXT: TEXT,
        Modality.AUDIO: 5,
        Modality.VISION: 32,
    }
    assert model.encoder.vision_encoder.lstm.hidden_size == 7


@pytest.mark.parametrize("recalibration", ["none", "sugrm"])
@pytest.mark.parametrize("modalities", [["text"], ["audio"], ["text", "vision"]])
def test_a_stream_that_is_left_out_has_no_weights(modalities, recalibration):
    model = model_for({"model": {"modalities": modalities, "recalibration": recalibration}})
    widths = {"text": TEXT, "audio": 16, "vision": 32}
    assert model.encoder.out_widths == {m: widths[m] for m in modalities}
    assert model.heads["M"].hidden.in_features == sum(widths[m] for m in modalities)
    absent = set(Modality) - set(modalities)
    names = {name for name, _ in model.named_parameters()}
    assert [name for name in names if any(m in name for m in absent)] == []
    gated = recalibration == "sugrm" and len(modalities) > 1
    assert any(name.startswith("recalibration.") for name in names) is gated


def test_with_one_stream_both_heads_read_its_vector():
    model = model_for({"model": {"modalities": ["text"]}}).eval()
    batch = batch_of(text=[3, 2], audio=[4, 5], vision=[6, 3])
    output = model(batch)
    for task in (Task.MULTIMODAL, Task.TEXT):
        hidden = model.heads[task].hidden
        expected = torch.relu(batch.text_features[:, 0] @ hidden.weight.T + hidden.bias)
        torch.testing.assert_close(output.features[task], expected)
