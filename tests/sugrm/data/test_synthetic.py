import numpy as np
import pytest

from sugrm.config.sections.data import DataConfig, SyntheticConfig
from sugrm.data import (
    Reading,
    import_features,
    load_corpus,
    load_dataset,
    write_synthetic,
    write_synthetic_pickle,
)
from sugrm.data.lexicon import LEXICON, sentence_sentiment
from sugrm.data.synthetic import make_synthetic
from sugrm.types import Modality, Split

SMALL = SyntheticConfig(train=8, valid=4, test=4)


@pytest.fixture(scope="module")
def train():
    return make_synthetic(SyntheticConfig(), "unaligned", fingerprint="0").splits[Split.TRAIN]


def slopes_and_levels(stream):
    """Return [N, 2 D + 1]: mean and least-squares slope of each channel, and a constant."""
    rows = []
    for row in range(len(stream)):
        frames = stream[row].astype(np.float64)
        time = np.linspace(-1, 1, len(frames))
        slope = time @ frames / (time @ time)
        rows.append(np.concatenate([frames.mean(axis=0), slope, [1.0]]))
    return np.array(rows)


def test_the_label_is_the_weighted_mean_on_the_grid_of_a_fifth(train):
    truths = train.true_sentiments
    mean = (
        0.5 * truths[Modality.TEXT] + 0.3 * truths[Modality.AUDIO] + 0.2 * truths[Modality.VISION]
    )
    assert np.abs(train.labels - mean).max() <= 0.1 + 1e-5
    np.testing.assert_allclose(train.labels * 5, np.rint(train.labels * 5), atol=1e-5)


def test_sentiments_of_the_modalities_are_bounded_related_and_their_own(train):
    truths = np.stack([train.true_sentiments[modality] for modality in Modality])
    assert np.abs(truths).max() <= 3
    between = np.corrcoef(truths)[np.triu_indices(3, k=1)]
    assert between.min() > 0.3
    assert between.max() < 0.95


@pytest.mark.parametrize("seed", range(5))
def test_the_extremes_are_in_every_train_split(seed):
    config = SMALL.model_copy(update={"seed": seed})
    labels = make_synthetic(config, "unaligned", fingerprint="0").splits[Split.TRAIN].labels
    assert (labels == 3).sum() >= 2
    assert (labels == -3).sum() >= 2


def test_the_sentiment_of_a_text_is_in_its_words(train):
    truth = [sentence_sentiment(sentence) for sentence in train.raw_text]
    np.testing.assert_allclose(train.true_sentiments[Modality.TEXT], truth, atol=1e-6)
    assert {word for sentence in train.raw_text for word in sentence.split()} <= set(LEXICON)


@pytest.mark.parametrize("modality", [Modality.AUDIO, Modality.VISION])
def test_the_sentiment_of_a_stream_is_in_its_channels(train, modality):
    """Least squares on the first half explains most of the second half."""
    stream, truth = train.streams[modality], train.true_sentiments[modality]
    present = np.flatnonzero(stream.lengths)
    fitted, held = present[: len(present) // 2], present[len(present) // 2 :]
    kept = [stream[row] for row in present]
    features = slopes_and_levels(type(stream).pack(kept, stream.width))
    weights, *_ = np.linalg.lstsq(features[: len(fitted)], truth[fitted], rcond=None)
    assert np.corrcoef(features[len(fitted) :] @ weights, truth[held])[0, 1] > 0.9


def test_lengths_differ_between_streams_and_utterances(train):
    audio, vision = (train.streams[m].lengths for m in (Modality.AUDIO, Modality.VISION))
    assert len(set(audio.tolist())) > 5
    assert (audio != vision).any()
    assert audio.max() <= 40
    assert vision.max() <= 30
    assert max(len(sentence.split()) for sentence in train.raw_text) <= 14


def test_a_few_utterances_lack_a_stream_and_none_lacks_both(train):
    lacking = [train.streams[m].lengths == 0 for m in (Modality.AUDIO, Modality.VISION)]
    assert [int(rows.sum()) for rows in lacking] == [8, 8]
    assert not (lacking[0] & lacking[1]).any()


def test_the_same_seed_gives_the_same_corpus_and_another_seed_another(tmp_path):
    one = write_synthetic(SMALL, cache=tmp_path / "a")
    same = write_synthetic(SMALL, cache=tmp_path / "b")
    other = write_synthetic(SMALL.model_copy(update={"seed": 2}), cache=tmp_path / "a")
    assert one.fingerprint == same.fingerprint != other.fingerprint
    files = [corpus.folder / "test.arrow" for corpus in (one, same, other)]
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()


def test_an_aligned_corpus_has_a_frame_for_each_word_and_two_marks(tmp_path):
    corpus = load_corpus(
        DataConfig(dataset="synthetic", synthetic=SMALL), "aligned", cache=tmp_path
    )
    assert corpus.alignment == "aligned"
    valid = corpus.splits[Split.VALID]
    for row, sentence in enumerate(valid.raw_text):
        steps = {len(valid.audio(row)), len(valid.vision(row))} - {0}
        assert steps == {len(sentence.split()) + 2}


def test_the_pickle_of_a_corpus_reads_as_that_corpus(tmp_path):
    config = SyntheticConfig(
        train=8, valid=4, test=4, audio_width=74, vision_width=35,
        text_length=50, audio_length=500, vision_length=375,
    )  # fmt: skip
    write_synthetic_pickle(tmp_path / "mosei.pkl", config)
    read = import_features(tmp_path / "mosei.pkl", cache=tmp_path / "cache")
    made = write_synthetic(config, cache=tmp_path / "cache")
    assert (read.audio_width, read.vision_width, read.has_token_ids) == (74, 35, False)
    assert dict(read.padded_lengths) == {"text": 50, "audio": 500, "vision": 375}
    for split in Split:
        ours, theirs = made.splits[split], read.splits[split]
        assert ours.raw_text == theirs.raw_text
        np.testing.assert_array_equal(ours.labels, theirs.labels)
        for row in range(len(ours)):
            np.testing.assert_array_equal(ours.audio(row), theirs.audio(row))
            np.testing.assert_array_equal(ours.vision(row), theirs.vision(row))
    assert read.splits[Split.TRAIN].true_sentiment(Modality.AUDIO) is None
    assert made.splits[Split.TRAIN].true_sentiment(Modality.AUDIO).shape == (8,)


def test_sentences_use_the_text_length():
    """MOSEI's 50 tokens are two marks and 48 words."""
    config = SMALL.model_copy(update={"text_length": 50, "train": 200})
    train = make_synthetic(config, "unaligned", fingerprint="0").splits[Split.TRAIN]
    words = [len(sentence.split()) for sentence in train.raw_text]
    assert max(words) > 40
    assert min(words) < 5
    assert len(set(words)) > 20


@pytest.mark.parametrize("length", [8, 9, 50])
def test_a_sentence_and_its_marks_fit_the_text_length(length):
    config = SMALL.model_copy(update={"text_length": length, "train": 200})
    train = make_synthetic(config, "unaligned", fingerprint="0").splits[Split.TRAIN]
    assert max(len(sentence.split()) for sentence in train.raw_text) + 2 <= length


@pytest.mark.parametrize("dataset", ["sims", "simsv2"])
def test_a_pickle_of_a_dataset_has_its_labels_and_those_of_each_modality(tmp_path, dataset):
    config = SyntheticConfig(train=8, valid=4, test=4)
    write_synthetic_pickle(tmp_path / "made.pkl", config, dataset=dataset)
    reading = Reading(dataset=load_dataset(dataset))
    read = import_features(tmp_path / "made.pkl", reading, cache=tmp_path / "cache")
    made = write_synthetic(config, cache=tmp_path / "cache")
    for split in Split:
        labels = read.splits[split].labels
        np.testing.assert_allclose(labels * 3, made.splits[split].labels, rtol=1e-6)
        for modality in Modality:
            own = read.splits[split].true_sentiment(modality)
            assert own is not None
            truth = made.splits[split].true_sentiment(modality)
            np.testing.assert_allclose(own * 3, truth, rtol=1e-6)
