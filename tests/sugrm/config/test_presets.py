"""The presets against the paper's Table 7 and the settings of its released code, written out."""

import pytest

from sugrm.config import resolve

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
