"""The guide to data files (docs/data.md) writes a file that can be read."""

import re
from pathlib import Path

import pytest

from sugrm.data import import_features

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "data.md"


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    """Return the path of the pickle that the guide's Python writes."""
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
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
