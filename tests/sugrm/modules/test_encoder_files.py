import json
import subprocess
import sys

import pytest

from sugrm.config.sections.text import TextConfig
from sugrm.modules.encoder_files import is_known_to_serve, local_config
from tests.sugrm.tiny_encoders import write_config


@pytest.fixture
def serves(tmp_path):
    """Return a function that tells whether a configuration alone shows that an encoder serves."""

    def ask(config, **text):
        (tmp_path / "config.json").write_text(json.dumps(config))
        return is_known_to_serve(TextConfig(name=str(tmp_path), **text))

    return ask


def test_a_usual_encoder_with_positions_to_spare_is_known_to_serve(serves):
    bert = {"model_type": "bert", "max_position_embeddings": 60}
    assert serves(bert, max_tokens=58)
    assert not serves(bert, max_tokens=59)  # RoBERTa would have too few
    assert not serves(bert, max_tokens=50, lora={})
    assert not serves({**bert, "is_decoder": True}, max_tokens=50)
    assert not serves({**bert, "model_type": "t5"}, max_tokens=50)
    assert not serves({"model_type": "bert"}, max_tokens=50)


def test_the_builtin_encoder_is_known_without_files():
    assert is_known_to_serve(TextConfig(name="tiny", max_tokens=500))
    assert not is_known_to_serve(TextConfig(name="tiny", max_tokens=600))


@pytest.mark.parametrize("name", ["no/such-model-anywhere", "not a name: at all", "/no/folder"])
def test_an_encoder_that_is_not_here_is_not_looked_for_elsewhere(name):
    assert local_config(name) is None
    assert not is_known_to_serve(TextConfig(name=name))


def test_a_damaged_configuration_is_left_to_the_run(tmp_path):
    (tmp_path / "config.json").write_text("{")
    assert local_config(str(tmp_path)) is None


@pytest.mark.slow
def test_asking_does_not_load_torch(tmp_path):
    name = write_config(tmp_path, "bert")
    code = (
        "import sys\n"
        "from sugrm.config.sections.text import TextConfig\n"
        "from sugrm.modules.encoder_files import is_known_to_serve\n"
        f"assert is_known_to_serve(TextConfig(name={name!r}, max_tokens=20))\n"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
