import importlib.util

import pytest

from sugrm.config.sections.text import TextConfig
from sugrm.errors import EncoderError
from sugrm.modules.encoder_outline import EncoderOutline
from sugrm.modules.text_checks import check_text, fault_of
from tests.sugrm.tiny_encoders import write_config

LAYERS = ("layer.0.query", "layer.0.value", "layer.0.dense", "layer.1.query", "layer.1.value")


def fault(outline, **text):
    return fault_of(TextConfig(name="some", **text), outline)


def outline(**values):
    return EncoderOutline(kind="bert", **{"positions": 60, "linear_layers": LAYERS, **values})


def test_an_encoder_with_room_for_the_tokens_can_serve():
    assert fault(outline(), max_tokens=60, lora={}) is None
    assert fault(outline(positions=None), max_tokens=8000) is None


def test_more_tokens_than_positions_are_refused_with_the_limit():
    found = fault(outline(positions=40), max_tokens=41)
    assert (found.option, found.value) == ("model.text.max_tokens", "40")
    assert found.problem == (
        "model.text.max_tokens is 41, but text encoder 'some' has positions for 40 tokens; "
        "expected at most 40"
    )


def test_an_architecture_that_cannot_serve_is_refused_with_another():
    found = fault(outline(refusal="is a decoder (gpt2)"), max_tokens=41)
    assert (found.option, found.value) == ("model.text.name", "bert-base-uncased")
    assert found.problem.startswith("text encoder 'some' is a decoder (gpt2); expected an encoder")


@pytest.mark.parametrize(
    ("targets", "layers", "problem", "value"),
    [
        (["query", "q_proj"], LAYERS, "names q_proj, which", "[query,value]"),
        (["uery"], LAYERS, "names uery, which", "[query,value]"),
        (["layer.7.query"], LAYERS, r"names layer.7.query, which", "[query,value]"),
        (None, ("mixer.up", "mixer.down"), "is left out, and which layers", "[up]"),
    ],
)
def test_adapters_of_layers_that_are_not_there_are_refused_with_those_that_are(
    targets, layers, problem, value
):
    found = fault(outline(linear_layers=layers), lora={"targets": targets})
    assert (found.option, found.value) == ("model.text.lora.targets", value)
    assert f"model.text.lora.targets {problem}" in found.problem
    ends = dict.fromkeys(layer.split(".")[-1] for layer in layers)
    assert found.problem.endswith(f"expected linear layers: {', '.join(ends)}")


@pytest.mark.parametrize("target", ["dense", "layer.0.query", "0.query"])
def test_a_layer_may_be_named_in_part_or_in_full(target):
    assert fault(outline(), lora={"targets": [target]}) is None


def test_an_encoder_without_linear_layers_takes_no_adapters():
    found = fault(outline(linear_layers=()), lora={})
    assert (found.option, found.value) == ("model.text.lora", "null")


def test_a_library_call_is_told_what_to_set(tmp_path):
    name = write_config(tmp_path, "roberta")
    check_text(TextConfig(name=name, max_tokens=40))
    with pytest.raises(EncoderError, match=r"at most 40; set model\.text\.max_tokens to 40$"):
        check_text(TextConfig(name=name, max_tokens=41))


def test_without_peft_the_command_that_installs_it_is_named(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "peft" else found(name)
    )
    check_text(TextConfig(name="tiny"))
    with pytest.raises(EncoderError, match=r"needs the package peft.*pip install 'sugrm-search\["):
        check_text(TextConfig(name="tiny", lora={}))
