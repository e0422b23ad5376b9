"""Both layouts compute the same; a trace and other devices get the padded one."""

import pytest
import torch

from sugrm.config import resolve
from sugrm.config.sections.encoders import TransformerConfig
from sugrm.models import build_model
from sugrm.models.build import build_encoder
from sugrm.modules.dense.frames import PackedFrames, PaddedFrames, lay_out
from sugrm.types import Modality, Task
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of, streams_of

LENGTHS = {"text": [3, 7, 5, 1], "audio": [21, 2, 0, 9], "vision": [0, 13, 6, 13]}
NO_DROPOUT = dict.fromkeys(
    ("attention_dropout", "relu_dropout", "residual_dropout", "embedding_dropout"), 0.0
)
WIDTHS = {Modality.TEXT: TEXT, Modality.AUDIO: AUDIO, Modality.VISION: VISION}


def mult(modalities, future_mask):
    options = {
        **NO_DROPOUT,
        "name": "mult",
        "width": 8,
        "heads": 2,
        "layers": 2,
        "modalities": modalities,
        "future_mask": future_mask,
        "text_dropout": 0.0,
        "output_dropout": 0.0,
        "audio_attention_dropout": 0.0,
        "vision_attention_dropout": 0.0,
    }
    widths = {"audio_width": AUDIO, "vision_width": VISION, "text_width": TEXT}
    return build_model(resolve({"model": options}), **widths)


def transformer(modalities, crossmodal):
    attention = "crossmodal" if crossmodal else "self"
    config = TransformerConfig(heads=2, layers=2, attention=attention, **NO_DROPOUT)
    return build_encoder(config, {Modality(m): WIDTHS[Modality(m)] for m in modalities}, width=8)


def outputs(model, batch):
    """Return one tensor of what a system or an encoder gives; absent streams count as 0."""
    if hasattr(model, "encoder"):
        return model(batch).predictions[Task.MULTIMODAL]
    sequences, lengths = streams_of(batch)
    vectors = model(sequences, lengths)
    return torch.cat([vector * (lengths[m] > 0)[:, None] for m, vector in vectors.items()], -1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("modalities", "autocast"),
    [
        (["text", "audio", "vision"], False),
        (["text", "audio", "vision"], True),
        (["text", "vision"], False),
        (["audio"], False),
    ],
)
@pytest.mark.parametrize("option", [True, False])
@pytest.mark.parametrize("build", [mult, transformer])
def test_packed_and_padded_frames_give_the_same_numbers(
    monkeypatch, build, option, modalities, autocast
):
    torch.manual_seed(0)
    model = build(modalities, option)
    batch = batch_of(**LENGTHS)
    found = {}
    for layout in (PackedFrames, PaddedFrames):
        monkeypatch.setattr("sugrm.modules.multimodal_transformer.lay_out", layout)
        monkeypatch.setattr("sugrm.modules.crossmodal.lay_out", layout)
        model.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            result = outputs(model, batch).float()
        (result * torch.linspace(-1, 1, result.numel()).view_as(result)).sum().backward()
        found[layout] = [result.detach(), *(p.grad for p in model.parameters())]
    tolerance = {"rtol": 0.1, "atol": 0.1} if autocast else {"rtol": 1e-5, "atol": 1e-5}
    for packed, padded in zip(*found.values(), strict=True):
        scale = max(1.0, float(padded.abs().max()))
        torch.testing.assert_close(packed / scale, padded / scale, **tolerance)


def test_a_cpu_packs_and_other_devices_and_traces_pad(monkeypatch):
    lengths = torch.tensor([2, 1])
    assert isinstance(lay_out(lengths, 3), PackedFrames)
    assert isinstance(lay_out(lengths.to("meta"), 3), PaddedFrames)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert isinstance(lay_out(lengths, 3), PaddedFrames)


def test_packed_rows_are_the_real_frames_and_zeros_for_an_absent_stream():
    sequence = torch.arange(1.0, 13).view(3, 4, 1)
    frames = PackedFrames(torch.tensor([2, 0, 4]), 4)
    assert frames.arrange(sequence).flatten().tolist() == [1, 2, 0, 9, 10, 11, 12]
    assert frames.last(frames.arrange(sequence)).flatten().tolist() == [2, 0, 12]


def test_the_gradient_of_padding_is_zero():
    sequence = torch.randn(2, 3, 2, requires_grad=True)
    PackedFrames(torch.tensor([1, 3]), 3).arrange(sequence).sum().backward()
    assert sequence.grad[..., 0].tolist() == [[1, 0, 0], [1, 1, 1]]
