"""The reader on real CMU-MOSI utterances, where the research data is at hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sugrm.config.sections.data import DataConfig
from sugrm.data import collate, load_corpus
from sugrm.types import Modality, Split

SOURCE = Path(__file__).parents[3] / ".." / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (SOURCE / "mosi.npz").exists(), reason="the MOSI data is not in ../shared/data"
    ),
]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mosi")
    subprocess.run([sys.executable, SOURCE / "make_mosi_pickle.py", folder], check=True)
    return DataConfig(
        dataset="mosi",
        unaligned=str(folder / "unaligned_50.pkl"),
        aligned=str(folder / "aligned_50.pkl"),
    )


@pytest.fixture(scope="module", params=["unaligned", "aligned"])
def corpus(request, config, tmp_path_factory):
    return load_corpus(config, request.param, cache=tmp_path_factory.mktemp("cache"))


def test_the_official_splits_are_whole(corpus):
    assert [len(corpus.splits[split]) for split in Split] == [1284, 229, 686]
    labels = corpus.splits[Split.TRAIN].labels
    assert [(labels == 3).sum(), (labels == -3).sum()] == [4, 3]
    assert (corpus.audio_width, corpus.vision_width, corpus.has_token_ids) == (5, 20, True)


def test_vision_is_found_absent(corpus):
    assert corpus.notes.absent == (Modality.VISION,)
    assert all(len(corpus.splits[Split.VALID].vision(row)) == 0 for row in range(229))


def test_texts_labels_and_ids_are_those_of_the_source(corpus):
    source = dict(np.load(SOURCE / "mosi.npz"))
    chosen = np.flatnonzero(source["split"] == "test")
    test = corpus.splits[Split.TEST]
    assert test.raw_text == source["raw_text"][chosen].tolist()
    np.testing.assert_array_equal(test.labels, source["label"][chosen].astype(np.float32))
    for row, number in enumerate(chosen):
        ids, mask, _ = source["text_bert"][number]
        assert test.token_ids(row).tolist() == ids[: int(mask.sum())].astype(int).tolist()


def test_an_aligned_frame_belongs_to_each_token(corpus):
    test = corpus.splits[Split.TEST]
    lengths = [(len(test.audio(row)), len(test.token_ids(row))) for row in range(len(test))]
    same = all(frames in (0, tokens) for frames, tokens in lengths)
    assert same == (corpus.alignment == "aligned")


def test_a_batch_of_real_utterances_is_padded(corpus):
    train = corpus.splits[Split.TRAIN]
    tokens = [train.token_ids(row) for row in range(len(train))]
    batch = collate(train, range(32), tokens=tokens, padded_lengths=corpus.padded_lengths)
    steps = {"unaligned": (375, 500), "aligned": (50, 50)}[corpus.alignment]
    assert (batch.audio.shape[1], batch.vision.shape[1]) == steps
    assert batch.token_ids.shape == (32, 50)
