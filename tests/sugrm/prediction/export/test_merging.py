"""Models with an adapter of the text encoder, taken away with and without merging it."""

import json

import pytest
import torch

from sugrm.errors import ArgumentError, ModelFolderError
from sugrm.prediction import load, write_model_folder
from sugrm.prediction.export.merging import merged_model

LORA = {"text": {"name": "tiny", "lora": {"rank": 4, "targets": ["query", "output.dense"]}}}
RATE = {"training": {"learning_rate": {"text": 0.01}}}
MAG_BERT = {
    "preset": "mag_bert",
    "alignment": "aligned",
    "model": {"name": "mag_bert", **LORA},
    "training": {"learning_rate": {"text": 0.01}, "warmup": 0.0},
}


@pytest.fixture(params=["beside the encoder", "inside the encoder"])
def adapted(request, small):
    """Options of a system whose text encoder gets an adapter."""
    if request.param == "inside the encoder":
        return MAG_BERT
    return {**small, "model": {**small["model"], **LORA}, **RATE}


def scores(folder, corpora, trained):
    return load(folder).predict_corpus(corpora(trained.config.alignment), "test")


@pytest.mark.slow
def test_adapters_alone_give_the_scores_of_their_trials(adapted, train, corpora, tmp_path):
    """The text encoder is left out and named; each seed has its adapter, in peft's format too."""
    both = [train(adapted, seed=seed) for seed in (1, 2)]
    written = write_model_folder(tmp_path / "out", [trained for trained, _ in both], adapter=True)
    assert "text_encoder/model.safetensors" not in written.sizes
    assert "adapter/seed2/adapter_model.safetensors" in written.sizes
    options = json.loads(
        (tmp_path / "out" / "adapter" / "seed1" / "adapter_config.json").read_text()
    )
    assert options["r"] == 4
    found = scores(tmp_path / "out", corpora, both[0][0])
    for seed, (_, result) in zip((1, 2), both, strict=True):
        wanted = result.predictions["test"].predictions["M"]
        assert found.by_seed[seed]["M"].tolist() == wanted.tolist()


@pytest.mark.slow
def test_adapters_are_not_loaded_onto_another_text_encoder(adapted, train, tmp_path):
    write_model_folder(tmp_path / "out", [train(adapted)[0]], adapter=True)
    path = tmp_path / "out" / "config.json"
    content = json.loads(path.read_text())
    content["text_encoder"]["base"] = "0" * 64
    path.write_text(json.dumps(content))
    with pytest.raises(ModelFolderError, match="needs the weights of the text encoder 'tiny'"):
        load(tmp_path / "out")


def test_a_model_without_an_adapter_has_none_to_keep_apart(kept, tmp_path):
    with pytest.raises(ArgumentError, match="export it without --adapter"):
        write_model_folder(tmp_path / "out", [kept[1][0]], adapter=True)


@pytest.mark.slow
def test_a_merged_model_needs_no_adapter_and_scores_alike(
    adapted, train, corpora, tmp_path, torch_state
):
    trained, result = train(adapted)
    with torch_state():
        plain = merged_model(trained)
    assert plain.config.model.text.lora is None
    assert not any("lora" in name for name in plain.model.state_dict())
    assert any("lora" in name for name in trained.model.state_dict())  # it stays as it is
    write_model_folder(tmp_path / "out", [trained])  # which merges it
    assert load(tmp_path / "out").description.experiment == plain.config
    found = torch.from_numpy(scores(tmp_path / "out", corpora, trained).scores)
    wanted = torch.from_numpy(result.predictions["test"].predictions["M"])
    torch.testing.assert_close(found, wanted.to(found.dtype), rtol=1e-4, atol=1e-5)


def test_a_model_without_an_adapter_is_not_merged(kept):
    with pytest.raises(ArgumentError, match="has no adapter to merge"):
        merged_model(kept[1][0])
