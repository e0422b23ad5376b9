"""What lies in a model folder, and how it gets there."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sugrm.errors import ArgumentError, ModelFolderError
from sugrm.prediction import load, write_model_folder
from sugrm.version import NUMERICS


def models(kept, *seeds):
    return [kept[seed][0] for seed in seeds]


def test_one_seed_is_one_file_beside_its_description(kept, tmp_path):
    written = write_model_folder(tmp_path / "a" / "out", models(kept, 2))
    files = {path.relative_to(written.folder).as_posix() for path in written.folder.rglob("*.*")}
    assert set(written.sizes) == files
    assert files == {
        "README.md",
        "config.json",
        "model.safetensors",
        "text_encoder/config.json",
        "text_encoder/tokenizer.json",
        "text_encoder/tokenizer_config.json",
    }
    content = json.loads((written.folder / "config.json").read_text())
    assert (content["model_type"], content["library_name"]) == ("sugrm", "sugrm-search")
    assert content["numerics"] == NUMERICS
    assert content["experiment"]["model"]["text"]["name"] == "tiny"
    assert content["inputs"]["streams"] == ["text", "audio", "vision"]
    assert [each["seed"] for each in content["weights"]] == [2]


@pytest.mark.slow
def test_an_ensemble_has_a_file_for_each_seed_and_scores_their_mean(kept, corpus, tmp_path):
    written = write_model_folder(tmp_path / "out", iter(models(kept, 3, 1, 2)))
    assert {f"model-seed{seed}.safetensors" for seed in (1, 2, 3)} < set(written.sizes)
    size = f"{sum(written.sizes.values()) / 2**20:.1f} MiB"
    assert repr(written) == f"WrittenFolder('{tmp_path}/out', {size})"
    found = load(written.folder).predict_corpus(corpus)
    assert found.seeds == (1, 2, 3)
    assert repr(found) == f"Predictions({len(found)} utterances, seeds 1, 2, 3)"
    each = np.array([kept[seed][1].predictions["test"].predictions["M"] for seed in (1, 2, 3)])
    assert found.scores == pytest.approx(each.mean(axis=0), abs=1e-7)


def test_some_seeds_of_an_ensemble_may_be_loaded(kept, tmp_path):
    write_model_folder(tmp_path / "out", models(kept, 1, 2))
    assert load(tmp_path / "out", seeds=[2]).seeds == (2,)
    with pytest.raises(ArgumentError, match=r"seed 7: .* holds the seeds 1, 2"):
        load(tmp_path / "out", seeds=[7])


@pytest.mark.slow
def test_weights_of_a_frozen_encoder_are_there_once(train, small, tmp_path):
    frozen = {**small, "model": {**small["model"], "text": {"name": "tiny", "finetune": False}}}
    trained = [train(frozen, seed=seed)[0] for seed in (1, 2)]
    written = write_model_folder(tmp_path / "out", trained)
    assert "text_encoder/model.safetensors" in written.sizes
    for seed in (1, 2):
        weights = load_file(written.folder / f"model-seed{seed}.safetensors")
        assert not any(name.startswith("text_encoder") for name in weights)


def test_a_model_without_text_has_no_encoder(train, tmp_path):
    options = {"preset": ["lf_lstm"], "model": {"name": "lf_lstm", "modalities": ["audio"]}}
    written = write_model_folder(tmp_path / "out", [train(options)[0]])
    assert not any(name.startswith("text_encoder") for name in written.sizes)


def test_what_is_there_is_not_overwritten(kept, tmp_path):
    out = tmp_path / "out"
    write_model_folder(out, models(kept, 1))
    before = (out / "config.json").read_text()
    with pytest.raises(ModelFolderError, match="replace it with --force"):
        write_model_folder(out, models(kept, 2))
    assert (out / "config.json").read_text() == before
    write_model_folder(out, models(kept, 2), force=True)
    assert load(out).seeds == (2,)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_no_model_folder_is_never_replaced(kind, kept, tmp_path):
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "thesis.tex").write_text("mine")
    with pytest.raises(ModelFolderError, match="not an exported model"):
        write_model_folder(out, models(kept, 1), force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_repository_of_a_model_keeps_its_history(kept, tmp_path):
    out = tmp_path / "out"
    write_model_folder(out, models(kept, 1))
    (out / ".git").mkdir()
    with pytest.raises(ModelFolderError, match="a repository of Git"):
        write_model_folder(out, models(kept, 2), force=True)
    assert load(out).seeds == (1,)


def test_the_current_folder_is_no_new_folder(kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFolderError, match="expected the path of a new folder"):
        write_model_folder(".", models(kept, 1))
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_nothing(kept, tmp_path):
    def card(description):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_model_folder(tmp_path / "new" / "out", models(kept, 1), card=card)
    assert list((tmp_path / "new").iterdir()) == []


def test_an_earlier_folder_stays_where_its_replacement_fails(kept, tmp_path):
    out = tmp_path / "out"
    write_model_folder(out, models(kept, 1))

    def broken():
        yield kept[2][0]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_model_folder(out, broken(), force=True)
    assert load(out).seeds == (1,)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
def test_models_of_several_experiments_are_no_ensemble(kept, train, small, tmp_path):
    other, _ = train({**small, "objective": {"loss": "l2"}}, seed=9)
    with pytest.raises(ArgumentError, match="seed 9 differs from the others in its config"):
        write_model_folder(tmp_path / "out", [kept[1][0], other])
    with pytest.raises(ArgumentError, match="seed 1 is there twice"):
        write_model_folder(tmp_path / "out", [kept[1][0], kept[1][0]])
    with pytest.raises(ArgumentError, match="models is empty"):
        write_model_folder(tmp_path / "out", [])


def test_a_model_that_does_not_say_what_it_reads_is_refused(kept, tmp_path):
    with pytest.raises(ModelFolderError, match="kept by an earlier version of sugrm"):
        write_model_folder(tmp_path / "out", [replace(kept[1][0], contract=None)])


def test_no_file_of_the_folder_is_a_pickle(kept, tmp_path, monkeypatch):
    write_model_folder(tmp_path / "out", models(kept, 1, 2))

    def unpickle(*arguments, **options):
        raise AssertionError("a pickle was read")

    for name in ("torch.load", "pickle.load", "pickle.loads", "pickle.Unpickler"):
        monkeypatch.setattr(name, unpickle)
    assert load(tmp_path / "out").seeds == (1, 2)


def test_weights_are_equal_after_the_way_through_the_folder(kept, tmp_path):
    write_model_folder(tmp_path / "out", models(kept, 1))
    found = load(tmp_path / "out")._models[1].state_dict()
    wanted = kept[1][0].model.state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
