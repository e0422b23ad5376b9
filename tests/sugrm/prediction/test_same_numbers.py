"""A model that was taken away scores as its trial did, to the last bit."""

import numpy as np
import pytest
import torch

from sugrm import TrainingRun, load_trained, resolve
from sugrm.config import SyntheticConfig
from sugrm.data import import_features, write_synthetic_pickle
from sugrm.prediction import load, write_model_folder
from tests.sugrm.prediction.conftest import SIZES

TINY = {"text": {"name": "tiny"}}
FROZEN = {"text": {"name": "tiny", "finetune": False}}
LSTM = {"width": 4, "encoder": {"name": "lstm"}}
SYSTEMS = {
    "SUGRM": {"preset": ["mosi", "paper"], "model": {**TINY, **LSTM}},
    "SUGRM, frozen": {"preset": ["mosi", "paper"], "model": {**FROZEN, **LSTM}},
    "SUGRM, padded": {"preset": ["mosi", "released"], "model": {**TINY, **LSTM}},
    "SUGRM, frozen and padded": {"preset": ["mosi", "released"], "model": {**FROZEN, **LSTM}},
    "SUGRM, SPT": {"preset": ["mosi", "paper"], "model": TINY},
    "Self-MM": {"preset": ["self_mm"], "model": {"name": "self_mm", **TINY}},
    "LF-LSTM, text and audio": {
        "preset": ["lf_lstm"],
        "model": {"name": "lf_lstm", "modalities": ["text", "audio"], **FROZEN},
    },
    "LF-LSTM, audio alone": {
        "preset": ["lf_lstm"],
        "model": {"name": "lf_lstm", "modalities": ["audio"], **TINY},
    },
    "MAG-BERT, frozen inside": {
        "preset": ["mag_bert"],
        "alignment": "aligned",
        "model": {"name": "mag_bert", **FROZEN},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("options", SYSTEMS.values(), ids=SYSTEMS)
def test_a_folder_gives_the_scores_of_the_trial(options, train, corpora, tmp_path):
    trained, result = train(options)
    write_model_folder(tmp_path / "out", [trained])
    found = load(tmp_path / "out").predict_corpus(corpora(trained.config.alignment), "test")
    wanted = result.predictions["test"]
    assert found.ids == wanted.ids
    assert set(found.by_seed[1]) == set(wanted.predictions)
    for task, values in wanted.predictions.items():
        assert found.by_seed[1][task].tolist() == values.tolist()
    assert found.scores.tolist() == wanted.predictions["M"].tolist()


def test_the_names_of_hub_and_machine_are_not_needed(train, corpus, tmp_path, monkeypatch):
    """The built-in encoder is gone: everything comes from the folder."""
    trained, result = train(SYSTEMS["SUGRM, frozen"])
    write_model_folder(tmp_path / "out", [trained])
    for name in ("load_text_encoder", "load_tokeniser", "tiny_model"):
        for module in ("models", "training.feed", "training.frozen_text", "modules.tiny_bert"):
            monkeypatch.delattr(f"sugrm.{module}.{name}", raising=False)
    found = load(tmp_path / "out").predict_corpus(corpus)
    assert found.scores.tolist() == result.predictions["test"].predictions["M"].tolist()


@pytest.mark.slow
def test_states_that_are_computed_in_parts_give_the_same(train, corpus, tmp_path, monkeypatch):
    trained, result = train(SYSTEMS["SUGRM, frozen"])
    write_model_folder(tmp_path / "out", [trained])
    monkeypatch.setattr("sugrm.prediction.scoring.CHUNK", 4)
    found = load(tmp_path / "out").predict_corpus(corpus)
    assert found.scores == pytest.approx(result.predictions["test"].predictions["M"], abs=1e-5)


@pytest.mark.slow
def test_metrics_are_those_of_the_trial(train, corpus, tmp_path):
    trained, result = train(SYSTEMS["SUGRM"])
    write_model_folder(tmp_path / "out", [trained])
    predictor = load(tmp_path / "out")
    assert predictor.metrics(predictor.predict_corpus(corpus)) == result.test


@pytest.mark.slow
def test_loading_draws_nothing_from_the_generator(train, tmp_path, torch_state):
    trained, _ = train(SYSTEMS["SUGRM"])
    write_model_folder(tmp_path / "out", [trained])
    with torch_state():
        load(tmp_path / "out")


@pytest.fixture(params=["pickle", "table"])
def file(request, tmp_path):
    """A corpus as a file: a feature pickle, or a table with texts alone."""
    if request.param == "pickle":
        path = tmp_path / "features.pkl"
        write_synthetic_pickle(path, SyntheticConfig(**SIZES, text_length=8))
        return path
    splits = [split for split in ("train", "valid", "test") for _ in range(SIZES[split])]
    words = ["good", "bad", "a very long and good film", "no"]
    rows = [f"{words[row % 4]} {row},{row % 5 - 2},{split}" for row, split in enumerate(splits)]
    path = tmp_path / "texts.csv"
    path.write_text("\n".join(["text,label,split", *rows]), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("system", ["SUGRM", "SUGRM, frozen", "SUGRM, padded"])
def test_a_file_gives_the_scores_of_the_trial_that_read_it(system, file, tmp_path):
    corpus = import_features(file, cache=tmp_path / "cache")
    training = {"max_epochs": 1, "batch_size": 4, "device": "cpu"}
    fitted = TrainingRun(resolve({"training": training}, SYSTEMS[system]), corpus, seed=1)
    fitted.run_epoch()
    wanted = fitted.finish().predictions
    fitted.save_trained(tmp_path / "trial")
    write_model_folder(tmp_path / "out", [load_trained(tmp_path / "trial")])
    found = load(tmp_path / "out").predict_files(file)
    assert list(found) == ["train", "valid", "test"]
    for split in ("valid", "test"):
        assert found[split].ids == wanted[split].ids
        for task, values in wanted[split].predictions.items():
            assert found[split].by_seed[1][task].tolist() == values.tolist()


@pytest.mark.slow
def test_scores_are_computed_with_the_threads_of_training(train, corpus, tmp_path, monkeypatch):
    trained, _ = train(SYSTEMS["SUGRM"])
    write_model_folder(tmp_path / "out", [trained])
    used = []
    monkeypatch.setattr(
        "sugrm.prediction.predictor.score_feed",
        lambda *given, **options: used.append(torch.get_num_threads()) or {1: {"M": np.ones(9)}},
    )
    predictor, before = load(tmp_path / "out"), torch.get_num_threads()
    assert predictor.threads == trained.contract.threads == before
    predictor.threads = before + 1
    predictor.predict_corpus(corpus)
    assert (used, torch.get_num_threads()) == ([before + 1], before)
