"""Encoders of the hub without a connection to it."""

import subprocess
import sys

import pytest

from sugrm.errors import EncoderError
from sugrm.modules import hub
from sugrm.modules.encoder_files import read_part
from sugrm.modules.tiny_bert import tiny_model, tiny_tokenizer

CLOSED = "http://127.0.0.1:9"  # nothing listens on the port "discard"


@pytest.fixture
def no_connection(monkeypatch):
    """Name a hub that refuses every connection."""
    hub._why_unreachable.cache_clear()
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", CLOSED)
    yield
    hub._why_unreachable.cache_clear()


def test_a_hub_that_refuses_connections_is_unreachable(no_connection):
    assert "refused" in hub.why_unreachable().lower()


def test_offline_mode_is_named(monkeypatch):
    hub._why_unreachable.cache_clear()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert hub.why_unreachable() == "HF_HUB_OFFLINE is set"
    hub._why_unreachable.cache_clear()


def test_without_a_connection_the_message_says_how_to_go_on(no_connection, monkeypatch):
    from transformers import AutoConfig

    monkeypatch.setattr("time.sleep", _no_waiting)
    with pytest.raises(EncoderError) as error:
        read_part("some-group/some-encoder", AutoConfig)
    first, *ways = str(error.value).splitlines()
    assert first.startswith("text encoder 'some-group/some-encoder' is not on this machine, and")
    assert "127.0.0.1:9 cannot be reached" in first
    assert [way.rpartition("name=")[2] for way in ways] == ["minilm", "FOLDER", "tiny"]


def test_a_folder_that_is_missing_is_not_asked_of_the_hub(monkeypatch, tmp_path):
    from transformers import AutoConfig

    monkeypatch.setattr("sugrm.modules.encoder_files.why_unreachable", _no_waiting)
    with pytest.raises(EncoderError, match="there is no such folder"):
        read_part(str(tmp_path / "nothing"), AutoConfig)


@pytest.mark.slow
def test_an_encoder_in_the_hub_s_cache_is_read_without_a_connection_and_without_waiting(tmp_path):
    """In a process of its own: the client reads the place of its cache when it is imported."""
    repository = tmp_path / "hub" / "models--some-group--some-encoder"
    snapshot = repository / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123")
    tiny_model().save_pretrained(snapshot)
    tiny_tokenizer().save_pretrained(snapshot)
    code = (
        "import time\n"
        "from sugrm.modules.text_encoder import load_text_encoder, load_tokeniser\n"
        "def no_waiting(*_): raise AssertionError('waits')\n"
        "time.sleep = no_waiting\n"
        "assert load_tokeniser('some-group/some-encoder', 20)(['good film'])\n"
        "load_text_encoder('some-group/some-encoder', finetune=True)\n"
    )
    environment = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": CLOSED, "PATH": ""}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def _no_waiting(*_):
    raise AssertionError("waits")
