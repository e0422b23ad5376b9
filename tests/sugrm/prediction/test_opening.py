"""Broken and foreign folders are refused, each with one message."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from sugrm.errors import DataError, ModelFolderError, SugrmError
from sugrm.prediction import load, write_model_folder
from sugrm.prediction.weights import file_digest
from sugrm.version import NUMERICS


@pytest.fixture(scope="module")
def whole(kept, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    write_model_folder(folder, [kept[1][0]])
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "out")


def change(folder, **values):
    """Set keys of config.json, dotted ones below another."""
    path = folder / "config.json"
    content = json.loads(path.read_text())
    for name, value in values.items():
        content[name] = value
    path.write_text(json.dumps(content))


def reshape(folder, name="heads.M.second.weight"):
    """Give a weight another shape, under a digest that fits."""
    path = folder / "model.safetensors"
    weights = load_file(path)
    first = next(iter(weights))
    weights[first] = torch.zeros(2, 3)
    save_file(weights, path)
    change(folder, weights=[{"seed": 1, "file": path.name, "sha256": file_digest(path)}])


def cut(path, size=100):
    path.write_bytes(path.read_bytes()[:size])


BROKEN = {
    "no folder": (shutil.rmtree, "there is no folder"),
    "no config": (lambda f: (f / "config.json").unlink(), r"has no config\.json"),
    "no JSON": (lambda f: cut(f / "config.json"), "cannot be read as JSON"),
    "a list": (lambda f: (f / "config.json").write_text("[]"), "holds no mapping"),
    "BERT": (lambda f: change(f, model_type="bert"), "model_type 'bert'.*not 'sugrm'"),
    "no type": (lambda f: (f / "config.json").write_text("{}"), "model_type None"),
    "a run": (lambda f: (f / "experiment.json").write_text("{}"), "is a run.*sugrm-search export"),
    "later": (lambda f: change(f, format=99), "later version of sugrm-search"),
    "other options": (lambda f: change(f, experiment={"modle": 1}), "experiment.modle: "),
    "a path": (
        lambda f: change(f, weights=[{"seed": 1, "file": "../x", "sha256": "0" * 64}]),
        r"weights\.0\.file",
    ),
    "no weights": (
        lambda f: (f / "model.safetensors").unlink(),
        r"lacks the file model\.safetensors",
    ),
    "cut weights": (lambda f: cut(f / "model.safetensors"), "cut short, damaged or another file"),
    "a pointer": (
        lambda f: (f / "model.safetensors").write_text("version https://git-lfs.github.com/v1"),
        "pointer of Git LFS",
    ),
    "wrong shapes": (reshape, "does not fit the experiment in config.json"),
    "no encoder": (lambda f: shutil.rmtree(f / "text_encoder"), "lacks the folder text_encoder"),
    "encoder without model": (
        lambda f: forge(f, {}),
        "text encoder in .* cannot be loaded",
    ),
    "no tokeniser": (
        lambda f: (f / "text_encoder" / "tokenizer.json").unlink(),
        "text_encoder lacks the file tokenizer.json",
    ),
}


@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_or_foreign_folder_is_one_clear_error(damage, message, folder):
    damage(folder)
    with pytest.raises(ModelFolderError, match=message) as raised:
        load(folder)
    assert "\n" not in str(raised.value)


def test_a_file_and_what_is_no_path_are_refused(folder):
    with pytest.raises(ModelFolderError, match="is a file"):
        load(folder / "config.json")
    with pytest.raises(SugrmError, match="folder is None"):
        load(None)


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("cuda:99", "device is 'cuda:99', but torch finds"),
        ("tpu", "device 'tpu' is not a device; expected auto, cpu, cuda or cuda:N"),
    ],
)
def test_a_device_that_is_not_here_is_named_as_it_was_given(device, message, folder):
    with pytest.raises(SugrmError) as caught:
        load(folder, device=device)
    assert str(caught.value).startswith(message)


def test_a_flipped_bit_is_found(folder):
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFolderError, match="is not the file that was exported"):
        load(folder)


def test_another_version_of_the_numbers_is_a_warning(folder):
    change(folder, numerics=NUMERICS + 1)
    with pytest.warns(UserWarning, match="scores may differ"):
        load(folder)


def test_keys_that_tools_of_the_hub_add_are_not_in_the_way(folder):
    change(folder, transformers_version="9", pipeline_tag="text-classification")
    assert load(folder).seeds == (1,)


def test_a_corpus_that_is_not_like_that_of_training_is_refused(folder, corpora):
    with pytest.raises(DataError, match="it is aligned, the model's was unaligned"):
        load(folder).predict_corpus(corpora("aligned"))


def forge(folder, content):
    """Replace the configuration of the text encoder, under a digest that fits."""
    path = folder / "text_encoder" / "config.json"
    path.write_text(json.dumps(content))
    entry = json.loads((folder / "config.json").read_text())["text_encoder"]
    change(folder, text_encoder={**entry, "files": {"config.json": file_digest(path)}})


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_another_file_of_the_text_encoder_is_refused(folder, name):
    """Another vocabulary would give other scores without a word."""
    path = folder / "text_encoder" / name
    path.write_text(path.read_text() + "\n")
    with pytest.raises(ModelFolderError, match=f"{name} is not the file that was exported"):
        load(folder)


def test_code_in_the_folder_of_the_text_encoder_is_not_executed(folder, monkeypatch):
    place, mark = folder / "text_encoder", folder / "executed"
    (place / "foreign.py").write_text(f"open({str(mark)!r}, 'w')\n")
    forge(folder, {"model_type": "foreign", "auto_map": {"AutoConfig": "foreign.Config"}})
    monkeypatch.setattr("builtins.input", lambda prompt: "y")  # what transformers would ask
    with pytest.raises(ModelFolderError, match=r"text encoder in .* cannot be loaded"):
        load(folder)
    assert not mark.exists()


def test_attention_that_is_code_of_the_hub_is_refused(folder):
    content = json.loads((folder / "text_encoder" / "config.json").read_text())
    forge(folder, content | {"attn_implementation": "someone/attention"})
    with pytest.raises(ModelFolderError, match="code of the hub, which is not executed"):
        load(folder)


def test_a_description_that_lost_its_text_encoder_is_refused(folder):
    change(folder, text_encoder=None)
    with pytest.raises(ModelFolderError, match="names no text encoder"):
        load(folder)


def test_a_size_that_no_model_has_is_refused(folder):
    sizes = json.loads((folder / "config.json").read_text())["sizes"]
    change(folder, sizes={**sizes, "depth": 1})
    with pytest.raises(ModelFolderError, match="not what this version of sugrm-search writes"):
        load(folder)
