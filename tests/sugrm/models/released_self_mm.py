"""Weights under the names of Self-MM's released code, loaded into this package's model."""

import torch

from sugrm.config import resolve
from sugrm.models import build_model

STREAMS = {"audio": "audio", "vision": "video"}
HEADS = {"M": "fusion", "T": "text", "A": "audio", "V": "video"}
LSTM = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
LAYERS = {"hidden": 1, "project": 2, "out": 3}


def released_names():
    """Return our name -> released name, of everything but the text encoder."""
    names = {}
    for ours, theirs in STREAMS.items():
        encoder, released = f"encoder.{ours}_encoder", f"Model.{theirs}_model"
        names |= {f"{encoder}.lstm.{part}": f"{released}.rnn.{part}" for part in LSTM}
        for kind in ("weight", "bias"):
            names[f"{encoder}.project.{kind}"] = f"{released}.linear_1.{kind}"
    for task, theirs in HEADS.items():
        for ours, number in LAYERS.items():
            for kind in ("weight", "bias"):
                released = f"Model.post_{theirs}_layer_{number}.{kind}"
                names[f"heads.{task}.{ours}.{kind}"] = released
    return names


def self_mm_of(weights):
    """Return a released checkpoint's model, in evaluation mode; it takes text features.

    Args:
        weights: released name -> array; all of them are used.
    """
    names = released_names()
    assert set(names.values()) == set(weights)
    sizes = {ours: weights[theirs].shape for ours, theirs in names.items()}
    text = sizes["heads.T.hidden.weight"][1]
    audio, vision = (sizes[f"encoder.{m}_encoder.lstm.weight_ih_l0"] for m in STREAMS)
    options = {
        "encoder": {
            "audio_hidden": audio[0] // 4,
            "vision_hidden": vision[0] // 4,
            "audio_out": sizes["encoder.audio_encoder.project.bias"][0],
            "vision_out": sizes["encoder.vision_encoder.project.bias"][0],
        },
        "fusion_width": sizes["heads.M.hidden.bias"][0],
        "text_width": sizes["heads.T.hidden.bias"][0],
        "audio_width": sizes["heads.A.hidden.bias"][0],
        "vision_width": sizes["heads.V.hidden.bias"][0],
    }
    config = resolve({"preset": "self_mm"}, {"model": options})
    model = build_model(config, audio_width=audio[1], vision_width=vision[1], text_width=text)
    model.load_state_dict({ours: torch.tensor(weights[name]) for ours, name in names.items()})
    return model.eval()
