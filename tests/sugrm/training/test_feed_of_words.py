"""Aligned files of one frame a word: the frames follow the tokens of any encoder."""

import pickle

import numpy as np
import pytest
import torch

from sugrm import evaluate, fit
from sugrm.config import resolve
from sugrm.data import Reading, import_features
from sugrm.training.feed import build_feed
from sugrm.training.frozen_text import states_key, text_states
from sugrm.training.probe import probe
from sugrm.types import Split

WORDS = ["good", "zyz", "film"]  # tiny: [CLS] good z ##y ##z film [SEP]
PLACES = [-1, 0, 1, 1, 1, 2, -1]
COUNTS = {"train": 6, "dev": 3, "test": 3}
ALIGNED = {"alignment": "aligned"}


def utterance(random, row):
    words = WORDS[: 3 - row % 3]
    frames = [random.normal(size=(len(words), width)).astype("f4") for width in (4, 5)]
    return (words, *frames), np.float32([[random.uniform(-3, 3)]]), f"v{row}"


@pytest.fixture
def tree():
    random = np.random.default_rng(0)
    found = {name: [utterance(random, n) for n in range(count)] for name, count in COUNTS.items()}
    inner, label, segment = found["train"][3]
    found["train"][3] = ((inner[0], inner[1], 0 * inner[2]), label, segment)  # no audio
    return found


@pytest.fixture
def load(tmp_path, tree):
    def read(alignment="aligned"):
        path = tmp_path / "words.pkl"
        path.write_bytes(pickle.dumps(tree))
        return import_features(path, Reading(alignment=alignment), cache=tmp_path / "cache")

    return read


def fed(experiment, corpus, *layers, **options):
    layers = ({"alignment": corpus.alignment}, *layers)
    return build_feed(experiment(*layers), corpus, split=Split.TRAIN, **options)


def following(frames, places):
    zeros = np.zeros((1, frames.shape[1]), np.float32)
    return np.concatenate([frames, zeros])[places]  # -1 takes the zeros at the end


def test_each_token_has_the_frame_of_its_word_and_marks_have_zeros(experiment, load, tree):
    batch = fed(experiment, load()).batch([0, 2, 3])
    assert batch.text_lengths.tolist() == batch.vision_lengths.tolist() == [7, 3, 7]
    assert batch.audio_lengths.tolist() == [7, 3, 0]
    for place, stream in ((1, batch.vision), (2, batch.audio)):
        expected = following(tree["train"][0][0][place], PLACES)
        np.testing.assert_array_equal(stream[0], expected)
        short = following(tree["train"][2][0][place], [-1, 0, -1])
        np.testing.assert_array_equal(stream[1, :3], short)
        assert not stream[1, 3:].any()
    assert not batch.audio[2].any()
    assert batch.vision[2].any()


def test_frames_are_cut_with_their_tokens(experiment, load, tree):
    batch = fed(experiment, load(), {"model": {"text": {"max_tokens": 5}}}).batch([0])
    assert batch.text_lengths.tolist() == batch.audio_lengths.tolist() == [5]
    expected = following(tree["train"][0][0][2], [-1, 0, 1, 1, -1])
    np.testing.assert_array_equal(batch.audio[0], expected)


def test_batches_do_not_change_the_stored_frames(experiment, load, tree):
    feed = fed(experiment, load())
    first, again = feed.batch([0, 1]), feed.batch([0, 1])
    assert torch.equal(first.vision, again.vision)
    np.testing.assert_array_equal(feed.utterances.vision(0), tree["train"][0][0][1])


def test_the_unaligned_file_keeps_one_frame_a_word(experiment, load, tree):
    batch = fed(experiment, load("unaligned")).batch([0])
    assert (batch.text_lengths.tolist(), batch.audio_lengths.tolist()) == ([7], [3])
    np.testing.assert_array_equal(batch.audio[0], tree["train"][0][0][2])


def test_ignored_lengths_pad_all_streams_to_the_same_steps(experiment, load):
    """Padding counts as frames there, so a frame must stand where its token stands."""
    batch = fed(experiment, load(), {"model": {"lengths": "ignored"}}).batch([0, 2])
    assert batch.token_ids.shape == batch.audio.shape[:2] == batch.vision.shape[:2] == (2, 24)
    assert batch.audio[0, 1:6].any(dim=1).all()
    assert not batch.audio[0, [0, 6]].any()


@pytest.mark.parametrize("lengths", ["true", "ignored"])
def test_frames_follow_the_states_of_a_frozen_encoder(experiment, load, lengths):
    layer = {"model": {"lengths": lengths, "text": {"finetune": False}}}
    corpus = load()
    config = experiment(ALIGNED, layer)
    states = text_states(config, corpus, device=torch.device("cpu"))
    tokens, read = fed(experiment, corpus, layer), fed(experiment, corpus, layer, states=states)
    rows = range(6)
    assert read.tokens is None
    assert torch.equal(read.batch(rows).audio, tokens.batch(rows).audio)
    assert torch.equal(read.batch(rows).text_lengths, tokens.batch(rows).text_lengths)


def test_the_key_of_frozen_states_differs_where_the_words_do(experiment, load, tree):
    """The unaligned reading of the same words has the same tokens, and shares the states."""
    config = experiment({"model": {"text": {"finetune": False}}})
    aligned = config.model_copy(update=ALIGNED)
    key = states_key(aligned, load())
    assert states_key(config, load("unaligned")) == key
    inner, label, segment = tree["dev"][0]
    tree["dev"][0] = ((["good", "zyx", "film"], *inner[1:]), label, segment)
    assert states_key(aligned, load()) != key


def small(system, **training):
    text = {"text": {"name": "tiny", "max_tokens": 24}}
    training = {"batch_size": 3, "max_epochs": 1, **training}
    return resolve({"preset": [system], "model": text}, ALIGNED, {"training": training})


@pytest.mark.slow
@pytest.mark.parametrize("system", ["mag_bert", "mult", "ef_lstm", "raven", "mctn"])
def test_systems_that_join_frames_train_on_one_frame_a_word(load, system):
    corpus, config = load(), small(system)
    result = fit(config, corpus)
    assert np.isfinite(result.test["mae"])
    assert evaluate(result.model, config, corpus)["mae"] == pytest.approx(result.test["mae"])


@pytest.mark.slow
def test_the_probe_reads_the_words_of_its_sample(load):
    assert probe(small("mag_bert", batch_size=1), load()).epoch_seconds > 0
