"""Twelve files as people have them, with the values that are right, where they are at hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sugrm.data import Reading, import_features, load_dataset, reading_remarks
from sugrm.errors import DataError
from sugrm.types import Modality, Split

SCRIPT = Path(__file__).parents[4] / ".." / "shared" / "cases" / "feature_files.py"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the files are not in ../shared/cases")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cases")
    subprocess.run([sys.executable, SCRIPT, made], check=True, capture_output=True)
    return made


@pytest.fixture
def corpus(folder, tmp_path):
    """Return a function that reads a file."""

    def read(name, **options):
        if "dataset" in options:
            options["dataset"] = load_dataset(options["dataset"])
        return import_features(folder / f"{name}.pkl", Reading(**options), cache=tmp_path)

    return read


def frames(corpus, stream):
    """Return the number of frames in train, valid and test."""
    streams = [corpus.splits[split].content.streams for split in Split]
    return [int(each[Modality(stream)].lengths.sum()) for each in streams]


def real_frames(corpus, stream):
    """Return the number of frames that are not zero in train."""
    values = corpus.splits[Split.TRAIN].content.streams[Modality(stream)]
    return int(values.values.reshape(-1, values.width).any(axis=1).sum())


def label_sums(corpus):
    return [float(corpus.splits[split].labels.sum(dtype=np.float64)) for split in Split]


def test_ids_of_three_columns(corpus):
    assert len(set(corpus("01-ids-of-three-columns").splits[Split.TRAIN].ids)) == 24


def test_zeros_in_front(corpus):
    read = corpus("02-zeros-in-front")
    assert frames(read, "audio") == [188, 50, 75]
    assert frames(read, "vision") == [128, 44, 54]
    assert read.notes.absent_utterances[Split.TRAIN] == {"text": 0, "audio": 0, "vision": 0}
    assert read.notes.sides[Split.TRAIN][Modality.AUDIO] == "front"


def test_lengths_of_one(corpus):
    with pytest.raises(DataError, match="frames outside the stated length in 24 rows"):
        corpus("03-lengths-of-one")
    assert frames(corpus("03-lengths-of-one", lengths="detected"), "audio")[0] == 188


def test_ch_sims(corpus):
    read = corpus("04-sims", dataset="sims")
    train = read.splits[Split.TRAIN]
    assert np.abs(train.labels).max() <= 1
    assert all(train.true_sentiment(modality) is not None for modality in Modality)
    with pytest.raises(DataError, match="got text in Chinese"):
        corpus("04-sims", dataset="mosi")


def test_features_and_words(corpus):
    assert "no text encoder is used" in reading_remarks(corpus("05-features-and-words"))[0]
    assert corpus("05-features-and-words", text="words").text_width is None


def test_features_without_words(corpus):
    assert corpus("06-features-without-words").text_width == 300


def test_label_columns(corpus):
    assert corpus("07-label-columns").splits[Split.TRAIN].labels.shape == (24,)


def test_without_vision(corpus):
    assert corpus("08-without-vision").notes.absent == (Modality.VISION,)


def test_ragged_frames(corpus):
    assert frames(corpus("09-ragged-frames"), "audio") == [188, 50, 75]


def test_repeated_ids(corpus):
    read = corpus("10-repeated-ids")
    assert [len(set(read.splits[split].ids)) for split in Split] == [24, 8, 8]


def test_the_file_of_mult(corpus):
    read = corpus("11-mult")
    assert [real_frames(read, stream) for stream in ("audio", "vision", "text")] == [174, 143, 139]
    assert label_sums(read)[0] == pytest.approx(11.0531, abs=1e-4)


def test_the_file_of_mag_bert(corpus):
    read = corpus("12-mag-bert", alignment="aligned")
    words = [sum(map(len, read.splits[split].content.words or ())) for split in Split]
    assert words == [60, 20, 20]
    assert label_sums(read) == pytest.approx([-8.2571, -12.3119, 2.6847], abs=1e-4)
    assert (read.vision_width, read.audio_width) == (47, 74)
