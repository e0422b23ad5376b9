import pickle

import numpy as np
import pytest

from sugrm.config import SyntheticConfig, resolve
from sugrm.data import write_synthetic

SMALL = {
    "model": {
        "text": {"name": "tiny", "max_tokens": 24},
        "width": 8,
        "encoder": {"heads": 2, "layers": 1},
    },
    "training": {"batch_size": 16, "learning_rate": {"others": 1e-3}, "max_epochs": 3},
}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    config = SyntheticConfig(train=48, valid=16, test=16, audio_length=12, vision_length=9)
    return write_synthetic(config, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def experiment():
    """Return a function from option layers to a small experiment."""

    def build(*layers, preset=("mosi", "paper")):
        return resolve({"preset": list(preset)}, SMALL, *layers)

    return build


@pytest.fixture
def make_pickle():
    """Return a function that writes a feature file with token ids, two utterances a split."""

    def write(path):
        text_bert = np.zeros((2, 3, 6), np.int64)
        text_bert[:, 0, :5] = [[101, 126, 102, 0, 0], [101, 126, 123, 9, 102]]
        text_bert[0, 1, :3] = text_bert[1, 1, :5] = 1
        text_bert[1, 2, 3:5] = 1
        audio, vision = np.ones((2, 4, 2), np.float32), np.ones((2, 5, 3), np.float32)
        audio[1, 2:] = vision[1, 1:] = 0
        split = {
            "raw_text": np.array(["good", "good film"], object),
            "id": np.array(["a", "b"]),
            "text_bert": text_bert,
            "audio": audio,
            "vision": vision,
            "regression_labels": np.array([1.0, -1.0], np.float32),
            "audio_lengths": [4, 2],
            "vision_lengths": [5, 1],
        }
        path.write_bytes(pickle.dumps(dict.fromkeys(("train", "valid", "test"), split)))
        return path

    return write
