"""The guide to data files (docs/data.md) writes a file that can be read, and lines to score."""

import io
import re
from pathlib import Path

import pytest

from sugrm.data import ExpectedInputs, import_features, load_dataset, read_inputs
from sugrm.types import Modality, Split

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "data.md"


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    """Return the path of the pickle that the guide's Python writes."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (block for block in blocks if "mine.pkl" in block)
    monkeypatch.chdir(tmp_path)
    exec(block, {})
    return tmp_path / "mine.pkl"


def test_the_pickle_of_the_guide_is_a_corpus_without_vision(own_file, tmp_path):
    corpus = import_features(own_file, cache=tmp_path / "cache")
    assert {split: len(rows) for split, rows in corpus.splits.items()} == {
        "train": 64,
        "valid": 16,
        "test": 16,
    }
    assert corpus.notes.absent == ("vision",)
    assert not corpus.has_token_ids


def test_the_lines_of_the_guide_can_be_scored(tmp_path):
    (block,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    expected = ExpectedInputs(
        dataset=load_dataset("mosi"),
        streams=(Modality.TEXT, Modality.AUDIO),
        widths={Modality.AUDIO: 2, Modality.VISION: 1},
        padded_lengths={},
    )
    utterances = read_inputs(io.StringIO(block), expected, cache=tmp_path).splits[Split.TEST]
    assert utterances.ids == ["a", "b"]
    assert [len(utterances.audio(row)) for row in range(2)] == [3, 0]
