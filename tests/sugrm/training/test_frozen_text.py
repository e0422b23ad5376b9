"""With a frozen encoder the texts are read as states, and every number stays what it was."""

import dataclasses
import json
import logging
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from sugrm import evaluate, fit
from sugrm.config import SyntheticConfig
from sugrm.data import Reading, import_features, write_synthetic
from sugrm.errors import EncoderError, SugrmError
from sugrm.models import build_model
from sugrm.modules.text_encoder import load_text_encoder, load_tokeniser
from sugrm.modules.tiny_bert import tiny_model, tiny_tokenizer
from sugrm.training import frozen_text
from sugrm.training.feed import build_feed
from sugrm.training.frozen_text import FOLDER, reads_states, states_key, text_states
from sugrm.training.run import TrainingRun
from sugrm.types import Split, Task

both_presets = pytest.mark.parametrize(
    "preset",
    [("mosi", "paper"), pytest.param(("mosi", "released"), marks=pytest.mark.slow)],
)
CPU = torch.device("cpu")
SIZES = SyntheticConfig(train=40, valid=16, test=16, audio_length=12, vision_length=9)


@pytest.fixture
def corpus(tmp_path):
    return write_synthetic(SIZES, cache=tmp_path / "cache")


@pytest.fixture
def frozen(experiment):
    """Return a function from option layers to a small experiment with a frozen encoder."""
    return lambda *layers, **more: experiment(
        {"model": {"text": {"finetune": False}}}, *layers, **more
    )


@pytest.fixture
def inside(monkeypatch):
    """Return a run whose model holds the frozen encoder and is fed with tokens."""

    def build(*arguments, **options):
        with monkeypatch.context() as patch:
            patch.setattr("sugrm.training.run_data.text_states", lambda *asked, **more: None)
            return TrainingRun(*arguments, **options)

    return build


@pytest.fixture
def encoder_folder(tmp_path):
    def save(name, seed):
        torch.manual_seed(seed)
        tiny_model().save_pretrained(tmp_path / name)
        tiny_tokenizer().save_pretrained(tmp_path / name)
        return {"model": {"text": {"name": str(tmp_path / name)}}}

    return save


def folders(corpus):
    return sorted(path.name for path in (corpus.folder.parent / FOLDER).glob("[!.]*"))


def ended(run):
    while not run.finished:
        run.run_epoch()
    return run.finish()


def numbers(run, result):
    history = [(r.train_loss, dict(r.valid), dict(r.counters)) for r in run.history]
    return history, dict(result.test), result.predictions["test"].predictions


def refuse(*arguments, **options):
    raise AssertionError("the encoder is asked again")


@pytest.mark.slow
@pytest.mark.parametrize("split", Split)
def test_states_are_what_the_encoder_gives_each_utterance_alone(corpus, frozen, split):
    config = frozen()
    texts = corpus.splits[split].raw_text
    text_states(config, corpus, device=CPU)
    states = text_states(config, corpus, device=CPU).splits[split]
    encoder = load_text_encoder("tiny", finetune=False).eval()
    assert len(states.features) == len(texts)
    for row, ids in enumerate(load_tokeniser("tiny", 24)(texts)):
        alone = encoder(torch.from_numpy(ids)[None], None, torch.tensor([len(ids)]))
        assert states.lengths[row] == len(ids)
        np.testing.assert_allclose(states.features[row], alone[0], rtol=1e-5, atol=1e-5)


def test_where_padding_counts_the_states_of_padded_positions_are_kept(corpus, frozen):
    config = frozen({"model": {"lengths": "ignored"}})
    states = text_states(config, corpus, device=CPU).splits[Split.TEST]
    encoder = load_text_encoder("tiny", finetune=False).eval()
    for row, ids in enumerate(load_tokeniser("tiny", 24)(corpus.splits[Split.TEST].raw_text)):
        padded = torch.zeros(1, 24, dtype=torch.long)
        padded[0, : len(ids)] = torch.from_numpy(ids)
        alone = encoder(padded, None, torch.tensor([len(ids)]))
        assert states.features[row].shape == (24, 32)
        assert states.lengths[row] == len(ids)
        np.testing.assert_allclose(states.features[row], alone[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("lengths", ["true", "ignored"])
def test_batches_bring_the_states_with_true_lengths(corpus, frozen, lengths):
    config = frozen({"model": {"lengths": lengths}})
    states = text_states(config, corpus, device=CPU)
    feed = build_feed(config, corpus, split=Split.TRAIN, states=states)
    tokens = build_feed(config, corpus, split=Split.TRAIN)
    batch, expected = feed.batch([3, 1]), tokens.batch([3, 1])
    assert batch.token_ids is None
    assert torch.equal(batch.text_lengths, expected.text_lengths)
    assert batch.text_features.shape == (*expected.token_ids.shape, 32)
    assert feed.text_steps == tokens.text_steps


@pytest.mark.slow
@both_presets
def test_a_fit_from_the_cache_equals_the_one_that_filled_it_bit_for_bit(
    corpus, frozen, preset, monkeypatch
):
    config = frozen(preset=preset)
    first = TrainingRun(config, corpus, seed=2)
    expected = numbers(first, ended(first))
    monkeypatch.setattr(frozen_text, "load_text_encoder", refuse)
    second = TrainingRun(config, corpus, seed=2)
    np.testing.assert_equal(numbers(second, ended(second)), expected)


@pytest.mark.slow
@both_presets
def test_a_fit_with_states_equals_one_with_the_frozen_encoder_inside(
    corpus, frozen, inside, preset
):
    config = frozen(preset=preset)
    with_states, without = TrainingRun(config, corpus, seed=2), inside(config, corpus, seed=2)
    initial = without.model.state_dict()
    assert any(name.startswith("text_encoder.") for name in initial)
    weights = with_states.model.state_dict()
    assert all(torch.equal(weight, initial[name]) for name, weight in weights.items())
    found, expected = ended(with_states), ended(without)
    for one, other in zip(with_states.history, without.history, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, abs=1e-5)
        assert one.valid == pytest.approx(other.valid, abs=1e-5)
    assert found.test == pytest.approx(expected.test, abs=1e-5)
    for task in Task:
        np.testing.assert_allclose(
            found.predictions["test"].predictions[task],
            expected.predictions["test"].predictions[task],
            atol=1e-5,
        )
    assert found.parameters == expected.parameters
    assert found.trainable_parameters == expected.trainable_parameters


@pytest.mark.slow
def test_the_seconds_of_the_encoder_count_as_inference(corpus, frozen):
    run = TrainingRun(frozen({"training": {"max_epochs": 1}}), corpus, seed=1)
    run.run_epoch()
    test = run.data.states.splits[Split.TEST]
    run.data.states.splits[Split.TEST] = dataclasses.replace(test, seconds=100.0)
    assert 100 < run.finish().inference_seconds < 110
    assert 0 < test.seconds < 10


@pytest.mark.slow
def test_evaluate_scores_a_fitted_model_as_fit_did(corpus, frozen):
    config = frozen({"training": {"max_epochs": 1}})
    result = fit(config, corpus, seed=1)
    assert evaluate(result.model, config, corpus) == result.test


def test_evaluate_takes_a_model_that_holds_the_frozen_encoder(corpus, frozen):
    config = frozen()
    widths = {"audio_width": corpus.audio_width, "vision_width": corpus.vision_width}
    torch.manual_seed(3)
    holding = build_model(config, **widths)
    torch.manual_seed(3)
    fed = build_model(config, text_width=32, **widths)
    assert evaluate(holding, config, corpus) == evaluate(fed, config, corpus)


@pytest.mark.slow
def test_one_folder_serves_what_reads_the_same_tokens_and_no_more(
    corpus, frozen, tmp_path, encoder_folder
):
    """Eight experiments, seven of which read states that no other one reads."""
    other = write_synthetic(SIZES.model_copy(update={"seed": 2}), cache=tmp_path / "cache")
    one, two = encoder_folder("one", 1), encoder_folder("two", 2)
    cut = {"model": {"text": {"max_tokens": 6}}}
    padded = {"model": {"lengths": "ignored"}}
    keys = [
        states_key(frozen(), corpus),
        states_key(frozen({"training": {"batch_size": 8}}, preset=("mosei", "paper")), corpus),
        states_key(frozen(), other),
        states_key(frozen(cut), corpus),
        states_key(frozen(padded), corpus),
        states_key(frozen(padded, cut), corpus),
        states_key(frozen(one), corpus),
        states_key(frozen(two), corpus),
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 7
    assert folders(corpus) == []  # asking for a key computes nothing


def test_the_aligned_and_the_unaligned_file_of_a_corpus_share_their_states(
    frozen, tmp_path, make_pickle
):
    path = make_pickle(tmp_path / "unaligned.pkl")
    unaligned = import_features(path, cache=tmp_path)
    tree = pickle.loads(path.read_bytes())
    for stream in ("audio", "vision"):  # all splits are one in this file
        del tree["train"][f"{stream}_lengths"]
        width = tree["train"][stream].shape[2]
        tree["train"][stream] = np.ones((2, 6, width), np.float32)
    (tmp_path / "aligned.pkl").write_bytes(pickle.dumps(tree))
    aligned = import_features(
        tmp_path / "aligned.pkl", Reading(alignment="aligned"), cache=tmp_path
    )
    assert aligned.fingerprint != unaligned.fingerprint
    key = states_key(frozen(), unaligned)
    assert states_key(frozen({"alignment": "aligned"}), aligned) == key


@pytest.mark.slow
def test_new_weights_in_an_encoders_folder_give_new_states(corpus, frozen, encoder_folder):
    config = frozen(encoder_folder("encoder", 1))
    before = text_states(config, corpus, device=CPU)
    encoder_folder("encoder", 2)
    after = text_states(config, corpus, device=CPU)
    assert before.key != after.key
    first, second = (s.splits[Split.TEST].features.values for s in (before, after))
    assert not np.array_equal(first, second)
    assert len(folders(corpus)) == 2


def test_states_computed_elsewhere_than_planned_need_the_same_encoder(
    corpus, frozen, encoder_folder
):
    config = frozen(encoder_folder("encoder", 1))
    planned = states_key(config, corpus)
    encoder_folder("encoder", 2)  # as another machine may have it
    with pytest.raises(EncoderError, match="has other weights or another tokeniser on this"):
        TrainingRun(config, corpus, seed=1, states_key=planned)
    assert folders(corpus) == []


@pytest.mark.slow
def test_a_checkpoint_over_other_states_is_refused(corpus, frozen, encoder_folder, tmp_path):
    config = frozen(encoder_folder("encoder", 1))
    TrainingRun(config, corpus, seed=1, checkpoint=tmp_path / "run").run_epoch()
    encoder_folder("encoder", 2)
    with pytest.raises(SugrmError, match="belongs to another experiment"):
        TrainingRun(config, corpus, seed=1, checkpoint=tmp_path / "run")


def test_progress_is_logged(corpus, frozen, caplog):
    with caplog.at_level(logging.INFO):
        text_states(frozen(), corpus, device=CPU)
    assert [r.message for r in caplog.records if r.name == frozen_text.__name__] == [
        "tiny: hidden states of 40 train utterances",
        "tiny: hidden states of 16 valid utterances",
        "tiny: hidden states of 16 test utterances",
    ]


def test_only_a_frozen_encoder_whose_output_alone_is_read_is_read_as_states(
    corpus, experiment, frozen, monkeypatch
):
    assert reads_states(frozen(), corpus)
    assert not reads_states(experiment(), corpus)
    assert not reads_states(frozen(), dataclasses.replace(corpus, text_width=5))
    kind = type(frozen().model)
    monkeypatch.setattr(kind, "READS_TOKENS", True)
    assert not reads_states(frozen(), corpus)
    monkeypatch.setattr(kind, "READS_TOKENS", False)
    monkeypatch.setattr(kind, "streams", property(lambda model: ("audio",)))
    assert not reads_states(frozen(), corpus)
    assert states_key(frozen(), corpus) is None
    assert text_states(frozen(), corpus, device=CPU, key="k") is None


WORKER = """
import sys
from pathlib import Path
from sugrm import Corpus, ExperimentConfig, TrainingRun

folder, config, key = sys.argv[1:]
corpus = Corpus.open(Path(folder))
run = TrainingRun(ExperimentConfig.model_validate_json(config), corpus, seed=1, states_key=key)
run.run_epoch()
run.finish()
print(sorted({"transformers", "tokenizers"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_a_trial_that_finds_its_states_imports_no_transformers(corpus, frozen):
    config = frozen({"training": {"max_epochs": 1}})
    key = text_states(config, corpus, device=CPU).key
    command = [sys.executable, "-c", WORKER, str(corpus.folder), config.model_dump_json(), key]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_of_states_says_what_it_holds(corpus, frozen):
    text_states(frozen(), corpus, device=CPU)
    (name,) = folders(corpus)
    folder = corpus.folder.parent / FOLDER / name
    description = json.loads((folder / "states.json").read_text())
    assert name == f"{description['key']}-cpu"
    assert (description["encoder"], description["width"]) == ("tiny", 32)
    assert set(description["seconds"]) == set(Split)
    tokens = sum(map(len, load_tokeniser("tiny", 24)(corpus.splits[Split.TEST].raw_text)))
    assert 4 * 32 * tokens < (folder / "test.arrow").stat().st_size < 4 * 32 * tokens + 4000
