"""Systems that read text features on torch's meta device, which stands for a GPU.

A tensor that was made on the host in between, and a value that is read, are errors there.
"""

import contextlib

import pytest
import torch

from sugrm.config import resolve
from sugrm.models import build_model
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of

SMALL = {"width": 8, "encoder": {"name": "spt", "layers": 2, "heads": 2}}
SYSTEMS = {
    "sugrm": {"model": SMALL},
    "sugrm as released": {"preset": ["mosi", "released"]},
    "sugrm with a transformer": {"model": {**SMALL, "encoder": {"name": "transformer"}}},
    "sugrm with LSTMs": {"model": {**SMALL, "encoder": {"name": "lstm"}}},
    "spt": {"model": {"name": "spt", **SMALL}},
    "mult": {"preset": "mult"},
    "self_mm": {"preset": "self_mm"},
    "tfn": {"preset": "tfn", "alignment": "aligned"},
    "lf_lstm": {"preset": "lf_lstm"},
    "ef_lstm": {"preset": "ef_lstm", "alignment": "aligned"},
    "mctn": {"preset": "mctn", "alignment": "aligned"},
    "raven": {"preset": "raven", "alignment": "aligned"},
    "text_only": {"preset": "text_only"},
}


@pytest.fixture
def without_autocast(monkeypatch):
    """The meta device knows no autocast."""
    known = torch.autocast
    monkeypatch.setattr(
        torch,
        "autocast",
        lambda device, *args, **options: (
            contextlib.nullcontext() if device == "meta" else known(device, *args, **options)
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", SYSTEMS)
def test_a_pass_there_and_back_reads_no_value(without_autocast, name):
    config = resolve(SYSTEMS[name])
    batch = batch_of(text=[3, 9], audio=[21, 2], vision=[0, 13])
    model = build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)
    output = model.to("meta")(batch.to("meta"))
    sum(scores.sum() for scores in output.predictions.values()).backward()
    assert any(p.grad is not None for p in model.parameters())
