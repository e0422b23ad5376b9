import pytest
import torch

from sugrm import SugrmError, TrainingRun, load_corpus, load_trained, resolve
from sugrm.config import DataConfig
from sugrm.models import build_around
from sugrm.modules.text_encoder import load_text_encoder
from sugrm.training.checkpoints.checkpoint import save_checkpoint
from sugrm.training.checkpoints.contract import contract_of
from sugrm.training.evaluation import predict
from sugrm.training.feed import build_feed
from sugrm.types import Modality, Split, Task

SIZES = {"train": 16, "valid": 8, "test": 8, "audio_length": 4, "vision_length": 4}


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    return load_corpus(
        DataConfig.model_validate({"dataset": "synthetic", "synthetic": SIZES}), "unaligned"
    )


def finished(corpus, folder, **text):
    options = {
        "preset": ["mosi", "paper"],
        "model": {"text": {"name": "tiny", **text}, "width": 4, "encoder": {"name": "lstm"}},
        "training": {"max_epochs": 2, "batch_size": 8, "device": "cpu"},
    }
    run = TrainingRun(resolve(options, {}), corpus, seed=3)
    while not run.finished:
        run.run_epoch()
    result = run.finish()
    run.save_trained(folder)
    return run, result


@pytest.mark.slow
def test_a_model_read_back_predicts_the_same(corpus, tmp_path):
    run, result = finished(corpus, tmp_path / "trial")
    trained = load_trained(tmp_path / "trial")
    assert (trained.config, trained.seed) == (run.config, 3)
    assert not trained.model.training
    assert repr(trained) == "Trained(sugrm, seed 3)"
    assert repr(corpus) == "Corpus(synthetic, unaligned, train 16, valid 8, test 8)"
    assert repr(corpus.splits["test"]) == "Utterances(8)"
    feed = build_feed(run.config, corpus, split=Split.TEST, states=None)
    found = predict(trained.model, feed, batch_size=8, precision="float32")
    wanted = result.predictions["test"].predictions[Task.MULTIMODAL]
    assert found[Task.MULTIMODAL].tolist() == wanted.tolist()


def test_a_frozen_encoder_stays_outside_of_the_file(corpus, tmp_path):
    run, _ = finished(corpus, tmp_path / "trial", finetune=False)
    trained = load_trained(tmp_path / "trial" / "best.pt")
    wanted = run.model.state_dict()
    assert set(trained.model.state_dict()) == set(wanted)
    for name, weight in trained.model.state_dict().items():
        assert torch.equal(weight, wanted[name])


class Shelf(dict):
    """A store that keeps bytes in memory."""

    load = dict.get
    save = dict.__setitem__

    def __str__(self):
        return "shelf"


@pytest.mark.slow
def test_a_model_is_read_back_from_a_store(corpus):
    shelf = Shelf()
    run, _ = finished(corpus, shelf)
    found = load_trained(shelf).model.state_dict()
    assert found.keys() == run.model.state_dict().keys()
    with pytest.raises(SugrmError, match=r"shelf/best\.pt holds no trained model"):
        load_trained(Shelf())


def test_an_address_is_said_what_makes_a_store_of_it():
    with pytest.raises(SugrmError, match=r"'s3://runs/key'.*checkpoint_at"):
        load_trained("s3://runs/key")


def test_a_file_that_holds_no_model_is_refused(tmp_path):
    with pytest.raises(SugrmError, match=r"best\.pt holds no trained model"):
        load_trained(tmp_path)
    (tmp_path / "best.pt").write_bytes(b"cut")
    with pytest.raises(SugrmError, match=r"expected the best\.pt of a finished trial"):
        load_trained(tmp_path / "best.pt")


@pytest.mark.slow
def test_the_file_says_what_the_model_reads(corpus, tmp_path):
    run, _ = finished(corpus, tmp_path / "trial")
    contract = load_trained(tmp_path / "trial").contract
    assert contract == contract_of(run.config, corpus)
    assert contract.dataset == corpus.dataset
    assert contract.padded_lengths == corpus.padded_lengths
    assert (contract.stored_ids, contract.follows_words) == (False, False)
    assert set(contract.widths) == {Modality.AUDIO, Modality.VISION}


@pytest.mark.slow
def test_a_file_of_an_earlier_version_does_not_say_what_the_model_reads(corpus, tmp_path):
    finished(corpus, tmp_path / "trial")
    state = torch.load(tmp_path / "trial" / "best.pt", weights_only=True)
    del state["contract"]
    save_checkpoint(tmp_path / "trial", state, name="best.pt")
    assert load_trained(tmp_path / "trial").contract is None


@pytest.mark.slow
def test_a_model_is_built_around_an_encoder_without_reading_its_name(corpus, tmp_path):
    run, _ = finished(corpus, tmp_path / "trial")
    text = run.config.model.text.model_copy(update={"name": "no such encoder"})
    model = run.config.model.model_copy(update={"text": text})
    config = run.config.model_copy(update={"model": model})
    found = build_around(config, load_text_encoder("tiny", finetune=True), sizes=run.data.sizes)
    found.load_state_dict(run.model.state_dict())
    feed = build_feed(run.config, corpus, split=Split.TEST)
    wanted = predict(run.model, feed, batch_size=8)[Task.MULTIMODAL]
    assert predict(found, feed, batch_size=8)[Task.MULTIMODAL].tolist() == wanted.tolist()
