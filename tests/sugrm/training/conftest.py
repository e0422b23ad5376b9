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
