import pytest
import torch
from pydantic import ValidationError

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.types import Modality, Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import batch_of, streams_of

SMALL = {"model": {"name": "spt", "width": 8, "encoder": {"heads": 2, "layers": 2}}}


def model_for(*layers):
    torch.manual_seed(0)
    return build_model(resolve(SMALL, *layers), audio_width=3, vision_width=4, text_width=6)


def test_the_head_reads_the_last_hidden_steps_of_text_audio_and_vision():
    """An absent stream is zeros there."""
    model = model_for().eval()
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[0, 13])
    sequences, lengths = streams_of(batch)
    hidden, steps = model.encoder.hidden_sequences(sequences, lengths)
    for row in range(2):
        vectors = [hidden[m][row, steps[m][row] - 1] for m in Modality]
        vectors[2] = vectors[2] * (row == 1)
        _, expected = model.head(torch.cat(vectors)[None])
        found = model(batch).predictions[Task.MULTIMODAL][row]
        torch.testing.assert_close(found, expected[0])


def test_the_system_has_the_released_number_of_weights():
    """Head and encoder, without 192 weights in norms that the released code never uses.

    The encoder has 161,074 for 768 text features, each of which costs 2 * 32 + 2.
    """
    model = build_model(resolve({"preset": "spt"}), audio_width=5, vision_width=20, text_width=300)
    expected = 161_074 - 192 - (768 - 300) * 66 + 2 * (96 * 96 + 96) + 97
    assert sum(p.numel() for p in model.parameters()) == expected


@pytest.mark.parametrize(
    ("modalities", "pairs"), [(["text"], 0), (["audio", "vision"], 1), (list(Modality), 3)]
)
def test_cross_attention_is_between_the_modalities_that_are_read(modalities, pairs):
    model = model_for({"model": {"modalities": modalities}})
    assert len(model.encoder.cross) == pairs
    assert model.head.out.in_features == 8 * len(modalities)


def test_a_forward_pass_never_waits_for_the_device():
    model = model_for()
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[0, 13])
    with NoHostSynchronisation():
        model(batch)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValidationError, match=r"width 8 is not a multiple of encoder.heads 3"):
        resolve(SMALL, {"model": {"encoder": {"heads": 3}}})
