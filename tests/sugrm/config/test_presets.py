"""The presets against the paper's Table 7 and the settings of its released code, written out."""

import pytest

from sugrm.config import PRESETS, resolve
from sugrm.config.presets.about import PRESETS_ABOUT

DROPOUTS = ("attention", "relu", "residual", "embedding")
TABLE_7 = {  # batch, rates of text and others, heads, output dropout, the four of the encoder
    "mosi": (32, 5e-5, 1e-2, 8, 0.3, (0.3, 0.3, 0.3, 0.3)),
    "mosei": (32, 5e-5, 1e-3, 4, 0.1, (0.1, 0.1, 0.1, 0.2)),
}
OF_ENCODER = {"audio": None, "vision": None}  # these streams have no encoders of their own
RELEASED_DECAY_OF_OTHERS = {"mosi": 1e-3, "mosei": 1e-2}


def options_of(corpus, side):
    config = resolve({"preset": [corpus, side]}).model_dump()
    return config["model"], config["objective"], config["training"]


@pytest.mark.parametrize("corpus", TABLE_7)
@pytest.mark.parametrize("side", ["paper", "released"])
def test_both_sides_share_table_7_and_the_shape_of_spt(corpus, side):
    model, objective, training = options_of(corpus, side)
    batch, text, others, heads, output, dropouts = TABLE_7[corpus]
    encoder = model["encoder"]
    if side == "released":  # there the attention's is configured and never applied
        dropouts = (0.0, *dropouts[1:])
    assert (training["batch_size"], training["optimiser"]) == (batch, "adam")
    assert training["learning_rate"]["text"] == text
    assert training["learning_rate"]["others"] == others
    assert (encoder["layers"], encoder["heads"], model["width"]) == (4, heads, 32)
    assert model["output_dropout"] == output
    assert tuple(encoder[f"{name}_dropout"] for name in DROPOUTS) == dropouts
    assert (encoder["stride"], encoder["radius"]) == (5, (8, 4, 3))
    assert (training["patience"], training["monitor"]) == (8, "valid/loss")
    assert (objective["loss"], objective["weight_floor"]) == ("l1", 0.0)
    assert (model["recalibration"], model["projection"]) == ("sugrm", "none")
    assert (model["text"]["name"], model["text"]["finetune"]) == ("bert-base-uncased", True)


@pytest.mark.parametrize("corpus", TABLE_7)
def test_the_papers_side(corpus):
    model, objective, training = options_of(corpus, "paper")
    assert (model["head"], model["lengths"]) == ("one_layer", "true")
    assert (model["encoder"]["phase"], model["encoder"]["positions"]) == ("intended", "frame")
    assert objective["labels"] == {
        "name": "sugrm",
        "clamp": None,
        "zero_is_positive": False,
        "extremes": "equal",
        "first_epoch": 2,
    }
    assert (training["accumulation"], training["incomplete_group"]) == (1, "step")
    assert training["learning_rate"]["encoder"] is None
    assert training["weight_decay"] == {
        "text": 0.0,
        "encoder": 0.0,
        "others": 0.0,
        **OF_ENCODER,
    }


@pytest.mark.parametrize("corpus", TABLE_7)
def test_the_released_side(corpus):
    model, objective, training = options_of(corpus, "released")
    assert (model["head"], model["lengths"]) == ("two_layer", "ignored")
    assert (model["encoder"]["phase"], model["encoder"]["positions"]) == ("off", "nonzero")
    assert objective["labels"] == {
        "name": "sugrm",
        "clamp": 3.0,
        "zero_is_positive": True,
        "extremes": "shuffle",
        "first_epoch": 2,
    }
    assert (training["accumulation"], training["incomplete_group"]) == (4, "drop")
    assert training["learning_rate"]["encoder"] == 5e-4
    others = RELEASED_DECAY_OF_OTHERS[corpus]
    assert training["weight_decay"] == {
        "text": 1e-3,
        "encoder": 1e-3,
        "others": others,
        **OF_ENCODER,
    }


SELF_MM = {  # rates and decays of audio and vision, decay of others; widths; LSTM; dropouts
    "self_mm": ((1e-3, 1e-4), (1e-2, 1e-3), 1e-3, (128, 64, 16, 32), (32, 64), (0.1, 0, 0.1, 0.1)),
    "self_mm_mosei": ((5e-3, 1e-4), (0, 0), 1e-2, (128, 32, 16, 16), (32, 32), (0, 0.1, 0, 0.1)),
    "self_mm_sims": (
        (5e-3, 5e-3),
        (1e-2, 1e-2),
        1e-3,
        (128, 64, 16, 32),
        (16, 64),
        (0, 0.1, 0.1, 0),
    ),
}


@pytest.mark.parametrize("preset", SELF_MM)
def test_self_mms_presets_are_its_authors_settings(preset):
    rates, decays, decay_of_others, widths, hidden, dropouts = SELF_MM[preset]
    config = resolve({"preset": preset}).model_dump()
    model, training = config["model"], config["training"]
    encoder, rate, decay = model["encoder"], training["learning_rate"], training["weight_decay"]
    names = ("fusion", "text", "audio", "vision")
    assert model["name"] == "self_mm"
    expected = "bert-base-chinese" if preset == "self_mm_sims" else "bert-base-uncased"
    assert model["text"]["name"] == expected
    assert (rate["text"], rate["audio"], rate["vision"], rate["others"]) == (5e-5, *rates, 1e-3)
    assert (decay["text"], decay["audio"], decay["vision"]) == (1e-3, *decays)
    assert decay["others"] == decay_of_others
    assert tuple(model[f"{name}_width"] for name in names) == widths
    assert tuple(model[f"{name}_dropout"] for name in names) == dropouts
    assert (encoder["audio_hidden"], encoder["vision_hidden"]) == hidden
    assert (encoder["audio_out"], encoder["vision_out"]) == (16, 32)
    assert (encoder["audio_dropout"], encoder["vision_dropout"]) == (0, 0)
    assert (training["batch_size"], training["accumulation"]) == (32, 4)
    assert (training["incomplete_group"], training["optimiser"]) == ("drop", "adam")
    assert (training["patience"], training["monitor"]) == (8, "valid/loss")
    assert config["objective"]["loss"] == "l1"
    assert config["objective"]["labels"] == {
        "name": "self_mm",
        "bound": 3.0,
        "exclude_zero": True,
        "first_epoch": 2,
    }


def test_every_preset_says_in_a_line_what_it_holds():
    assert list(PRESETS_ABOUT) == list(PRESETS)
    assert all(len(line) < 80 and not line.endswith(".") for line in PRESETS_ABOUT.values())
