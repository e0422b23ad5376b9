"""What a model is fed: stored ids where they mean the same, else the encoder's own tokens."""

import pickle

import numpy as np
import pytest
import torch

from sugrm.config import SyntheticConfig
from sugrm.data import Reading, import_features, load_dataset, write_synthetic
from sugrm.errors import DataError
from sugrm.models import build_model
from sugrm.modules import text_encoder
from sugrm.modules.text_encoder import load_tokeniser, vocabulary_hash
from sugrm.training.feed import build_feed
from sugrm.types import Split, Task


@pytest.fixture
def stored(tmp_path, make_pickle):
    """Return a corpus whose file holds token ids; the second utterance has two segments."""
    return import_features(make_pickle(tmp_path / "with_ids.pkl"), cache=tmp_path)


@pytest.fixture
def same_vocabulary(monkeypatch):
    """Let tiny's vocabulary pass for the one that stored ids mean."""
    vocabulary = load_tokeniser("tiny", 8)._tokenizer.get_vocab()
    monkeypatch.setattr(text_encoder, "_BERT_UNCASED_VOCABULARY", vocabulary_hash(vocabulary))


def fed(experiment, corpus, max_tokens, **model):
    options = {"model": {"text": {"max_tokens": max_tokens}, **model}}
    return build_feed(experiment(options), corpus, split=Split.TRAIN)


@pytest.mark.usefixtures("same_vocabulary")
def test_stored_ids_and_their_segments_serve_their_own_vocabulary(experiment, stored):
    batch = fed(experiment, stored, 8).batch([1, 0])
    assert batch.token_ids.tolist() == [[101, 126, 123, 9, 102], [101, 126, 102, 0, 0]]
    assert batch.segment_ids.tolist() == [[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]]
    assert batch.text_lengths.tolist() == [5, 3]


def test_another_vocabulary_tokenises_the_words_anew(experiment, stored):
    feed = fed(experiment, stored, 8)
    assert feed.segments is None
    assert np.array_equal(feed.tokens[0], load_tokeniser("tiny", 8)(["good"])[0])


@pytest.mark.usefixtures("same_vocabulary")
def test_stored_ids_longer_than_max_tokens_are_tokenised_anew(experiment, stored):
    assert fed(experiment, stored, 5).segments is None


def test_ignored_lengths_pad_every_batch_to_the_distributions_lengths(experiment, stored):
    batch = fed(experiment, stored, 8, lengths="ignored").batch([0])
    assert batch.token_ids.shape == (1, 8)
    assert (batch.audio.shape[1], batch.vision.shape[1]) == (4, 5)


@pytest.mark.slow
def test_a_batch_of_a_corpus_gives_each_utterance_what_it_gives_alone(experiment, tmp_path):
    """From words to sentiment, an utterance without audio among them."""
    sizes = SyntheticConfig(train=32, valid=8, test=8, audio_length=30, vision_length=21)
    corpus = write_synthetic(sizes, cache=tmp_path)
    config = experiment()
    feed = build_feed(config, corpus, split=Split.TRAIN)
    torch.manual_seed(0)
    widths = {"audio_width": corpus.audio_width, "vision_width": corpus.vision_width}
    model = build_model(config, **widths).eval()
    rows = list(range(32))
    assert any(len(feed.utterances.audio(row)) == 0 for row in rows)
    with torch.no_grad():
        together = model(feed.batch(rows))
        for row in rows:
            own = model(feed.batch([row]))
            for task in Task:
                if together.present[task][row]:
                    torch.testing.assert_close(
                        together.predictions[task][row],
                        own.predictions[task][0],
                        rtol=1e-5,
                        atol=1e-5,
                    )


def corpus_with_ids(tmp_path, make_pickle, change, **options):
    tree = pickle.loads(make_pickle(tmp_path / "made.pkl").read_bytes())
    change(tree["train"])  # all splits are one in this file
    path = tmp_path / "changed.pkl"
    path.write_bytes(pickle.dumps(tree))
    return import_features(path, Reading(**options), cache=tmp_path)


@pytest.mark.usefixtures("same_vocabulary")
def test_stored_ids_that_are_not_those_of_the_words_are_refused(experiment, tmp_path, make_pickle):
    """Ids of another vocabulary may begin and end with the same marks, as those of CH-SIMS do."""

    def change(entries):
        entries["text_bert"][:, 0, 1:3] = [[9, 102], [7, 8]]

    corpus = corpus_with_ids(tmp_path, make_pickle, change)
    with pytest.raises(DataError, match=r"are not those of their words; .*text_source=words"):
        fed(experiment, corpus, 8)
    words = corpus_with_ids(tmp_path, make_pickle, change, text="words")
    assert fed(experiment, words, 8).segments is None


@pytest.mark.usefixtures("same_vocabulary")
def test_stored_ids_without_words_are_read(experiment, tmp_path, make_pickle):
    corpus = corpus_with_ids(tmp_path, make_pickle, lambda entries: entries.pop("raw_text"))
    assert fed(experiment, corpus, 8).batch([0]).token_ids.tolist() == [[101, 126, 102]]


def test_an_encoder_of_another_vocabulary_needs_words(experiment, tmp_path, make_pickle):
    corpus = corpus_with_ids(tmp_path, make_pickle, lambda entries: entries.pop("raw_text"))
    with pytest.raises(DataError, match="neither words nor token ids that the text encoder reads"):
        fed(experiment, corpus, 8)


@pytest.mark.parametrize("vocabulary", ["bert-base-chinese", None])
def test_ids_of_another_vocabulary_are_read_where_the_words_have_the_same(
    experiment, tmp_path, make_pickle, vocabulary
):
    """The marks of tiny differ, its words are the same; without a vocabulary no ids are read."""
    dataset = load_dataset("mosi").model_copy(update={"name": "own", "vocabulary": vocabulary})

    def change(entries):
        entries["text_bert"][1, 1, 3:] = 0
        entries["text_bert"][1, 0, 3] = 0
        entries["text_bert"][1, 2] = 0
        entries["text_bert"][1, :2, 3] = [102, 1]

    corpus = corpus_with_ids(tmp_path, make_pickle, change, dataset=dataset)
    tokens = fed(experiment, corpus, 8).batch([1]).token_ids.tolist()
    assert tokens == [[101, 126, 123, 102] if vocabulary else [2, 126, 123, 3]]


def test_one_split_decides_for_all_whether_stored_ids_are_read(experiment, tmp_path, make_pickle):
    """Ids of long texts that were cut differ in a split; mixed kinds of tokens would be worse."""
    tree = pickle.loads(make_pickle(tmp_path / "made.pkl").read_bytes())
    train = {**tree["train"], "text_bert": tree["train"]["text_bert"].copy()}
    train["text_bert"][1, :, 3] = [102, 1, 0]
    train["text_bert"][1, :, 4] = 0
    valid = {**train, "text_bert": train["text_bert"].copy()}
    valid["text_bert"][:, 0, 1] = 9
    path = tmp_path / "cut.pkl"
    path.write_bytes(pickle.dumps({"train": train, "valid": valid, "test": train}))
    dataset = {
        "name": "own",
        "label_bound": 3,
        "metrics": "mosi",
        "vocabulary": "bert-base-chinese",
    }
    corpus = import_features(path, Reading(dataset=load_dataset(dataset)), cache=tmp_path)
    config = experiment({"model": {"text": {"max_tokens": 8}}})
    feeds = [build_feed(config, corpus, split=split) for split in Split]
    assert [feed.segments is None for feed in feeds] == [False, False, False]


def test_the_caller_may_decide_whether_stored_ids_are_read(experiment, stored):
    config = experiment({"model": {"text": {"max_tokens": 8}}})
    found = build_feed(config, stored, split=Split.TRAIN, stored_ids=True)
    assert found.batch([0]).token_ids.tolist() == [[101, 126, 102]]
    words = build_feed(config, stored, split=Split.TRAIN, stored_ids=False)
    assert words.segments is None
