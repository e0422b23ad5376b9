import json
import pathlib
import re
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugrm.data.cache.content import CorpusContent, SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.cache.store import read_store, write_store
from sugrm.errors import DataError
from sugrm.types import Modality, Split
from tests.strategies import ragged_sequences


def split_of(audio, vision, **more):
    number = len(audio)
    return SplitContent(
        ids=[f"é{row}" for row in range(number)],
        raw_text=["so \N{GRINNING FACE} good"] * number,
        labels=np.linspace(-3, 3, number, dtype=np.float32),
        streams={
            Modality.AUDIO: Ragged.pack(audio, audio[0].shape[1]),
            Modality.VISION: Ragged.pack(vision, vision[0].shape[1]),
        },
        **more,
    )


def corpus_of(split):
    return CorpusContent(
        name="test",
        alignment="unaligned",
        fingerprint="0",
        padded_lengths=dict.fromkeys(Modality, 9),
        splits=dict.fromkeys(Split, split),
        repaired={part: {} for part in Split},
    )


@pytest.mark.slow
@settings(max_examples=25)
@given(data=st.data())
def test_ragged_sequences_come_back_from_the_store(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("store") / "corpus"
    width = data.draw(st.integers(1, 4), label="D")
    audio = data.draw(ragged_sequences(width=width))
    ids = [np.arange(len(frames), dtype=np.int64) for frames in audio]
    truth = {Modality.TEXT: np.arange(len(audio), dtype=np.float32)}
    split = split_of(
        audio, audio[::-1], token_ids=Ragged.pack(ids, 1, dtype=np.int64), true_sentiments=truth
    )
    write_store(folder, corpus_of(split))
    read = read_store(folder).splits[Split.VALID]
    assert (read.ids, read.raw_text) == (split.ids, split.raw_text)
    np.testing.assert_array_equal(read.labels, split.labels)
    np.testing.assert_array_equal(read.true_sentiments[Modality.TEXT], truth[Modality.TEXT])
    for row, frames in enumerate(audio):
        np.testing.assert_array_equal(read.streams[Modality.AUDIO][row], frames)
        np.testing.assert_array_equal(read.streams[Modality.VISION][row], audio[-1 - row])
        np.testing.assert_array_equal(read.token_ids[row][:, 0], ids[row])
    assert read.segment_ids is None


@pytest.fixture
def folder(tmp_path):
    audio = [np.full((20, 500), row, np.float32) for row in range(50)]
    write_store(tmp_path / "corpus", corpus_of(split_of(audio, audio)))
    return tmp_path / "corpus"


def test_reading_copies_no_sequence(folder):
    """The three splits hold 12 MB of frames; Arrow allocates less than a hundredth of that."""
    before = pa.total_allocated_bytes()
    stored = read_store(folder)
    assert pa.total_allocated_bytes() - before < 120_000
    stream = stored.splits[Split.TRAIN].streams[Modality.AUDIO]
    assert np.shares_memory(stream[7], stream.values)
    assert not stream[7].flags.writeable


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/maps")
def test_frames_lie_in_pages_that_are_mapped_from_the_file(folder):
    """Pages mapped from one file are shared by all processes of a machine."""
    stored = read_store(folder)
    address = stored.splits[Split.TEST].streams[Modality.VISION][3].ctypes.data
    maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
    ranges = [re.match(r"(\w+)-(\w+) (\S+) .*?(/.*)?$", line).groups() for line in maps]
    inside = [
        (rights, file)
        for first, last, rights, file in ranges
        if int(first, 16) <= address < int(last, 16)
    ]
    assert [(rights[:2], file) for rights, file in inside] == [("r-", str(folder / "test.arrow"))]


def test_a_folder_without_a_cache_is_named(tmp_path):
    with pytest.raises(DataError, match=r"not a whole corpus cache .*; delete the folder"):
        read_store(tmp_path)


def test_a_truncated_cache_is_named(folder):
    file = folder / "valid.arrow"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(DataError, match=r"corpus: not a whole corpus cache .*; delete the folder"):
        read_store(folder)


def test_a_cache_of_another_layout_is_named(folder):
    description = folder / "corpus.json"
    description.write_text(description.read_text().replace('"version": 1', '"version": 0'))
    with pytest.raises(DataError, match=r"layout 0, expected 1"):
        read_store(folder)


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("split", Split)
def test_a_flipped_bit_of_the_cache_is_found(tmp_path, split):
    frames = [np.ones((3, 2), np.float32), np.zeros((0, 2), np.float32)]
    write_store(tmp_path / "corpus", corpus_of(split_of(frames, frames)))
    read_store(tmp_path / "corpus")
    flipped(tmp_path / "corpus" / f"{split}.arrow")
    with pytest.raises(DataError, match=rf"the checksum of {split}\.arrow does not match"):
        read_store(tmp_path / "corpus")


def test_a_cache_of_an_earlier_version_has_no_checksums_and_is_read(tmp_path):
    frames = [np.ones((3, 2), np.float32)]
    write_store(tmp_path / "corpus", corpus_of(split_of(frames, frames)))
    description = json.loads((tmp_path / "corpus" / "corpus.json").read_text())
    assert sorted(description.pop("crc32")) == sorted(Split)
    (tmp_path / "corpus" / "corpus.json").write_text(json.dumps(description))
    assert read_store(tmp_path / "corpus").splits[Split.TRAIN].ids == ["é0"]


@pytest.mark.parametrize("text", ["[]", "null", '{"version": 1, "widths": 3}', "[" * 100_000])
def test_a_description_of_another_form_is_a_damaged_cache(tmp_path, text):
    frames = [np.ones((3, 2), np.float32)]
    write_store(tmp_path / "corpus", corpus_of(split_of(frames, frames)))
    (tmp_path / "corpus" / "corpus.json").write_text(text)
    with pytest.raises(DataError, match="not a whole corpus cache"):
        read_store(tmp_path / "corpus")


@pytest.mark.parametrize("words", [[["so", "good"], []], [[], []], [["é"], ["", "a b"]]])
def test_words_come_back_from_the_store(tmp_path, words):
    audio = [np.ones((2, 1), np.float32)] * 2
    write_store(tmp_path / "corpus", corpus_of(split_of(audio, audio, words=words)))
    assert read_store(tmp_path / "corpus").splits[Split.TEST].words == words


def test_a_corpus_without_words_opens_without(folder):
    assert read_store(folder).splits[Split.TRAIN].words is None
