"""Small feature files that the data tests share."""

import pickle

import numpy as np
import pytest

AUDIO_STEPS, VISION_STEPS, TEXT_STEPS = 6, 5, 4


@pytest.fixture
def tree():
    """Return a correct unaligned feature file: 3, 2 and 2 utterances, audio 2 and vision 3 wide."""
    return {"train": _split(3, seed=0), "valid": _split(2, seed=1), "test": _split(2, seed=2)}


@pytest.fixture
def aligned_tree(tree):
    """Return the same as an aligned file: four steps in each stream."""
    for entries in tree.values():
        for key in ("audio", "vision"):
            entries[key] = entries[key][:, :TEXT_STEPS]
            del entries[f"{key}_lengths"]
    return tree


@pytest.fixture
def save(tmp_path):
    """Return a function that pickles a tree and returns the path."""

    def write(tree, name="features.pkl", protocol=4):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(tree, protocol=protocol))
        return path

    return write


def _split(number, seed):
    random = np.random.default_rng(seed)
    text_bert = np.zeros((number, 3, TEXT_STEPS), np.float32)
    text_bert[:, 0, :3], text_bert[:, 1, :3] = [101, 2204, 102], 1
    audio_lengths, vision_lengths = [4, 6, 1][:number], [5, 2, 3][:number]
    return {
        "raw_text": np.array(["GOOD"] * number, dtype=object),
        "id": np.array([f"video$_${row}" for row in range(number)]),
        "text_bert": text_bert,
        "audio": _padded(random, audio_lengths, AUDIO_STEPS, 2),
        "vision": _padded(random, vision_lengths, VISION_STEPS, 3),
        "regression_labels": np.linspace(-3, 3, number, dtype=np.float32),
        "audio_lengths": audio_lengths,
        "vision_lengths": vision_lengths,
    }


def _padded(random, lengths, steps, width):
    frames = random.normal(size=(len(lengths), steps, width)).astype(np.float32)
    frames[np.arange(steps) >= np.array(lengths)[:, None]] = 0
    return frames
