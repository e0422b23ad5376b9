from pathlib import Path

import pytest

from search.cli.main import execute
from sugrm.config.registry.registered import preserved

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "late_fusion.py"


@pytest.fixture
def shown(capsys):
    def run(*words, code=0):
        assert execute(["options", *words]) == code
        found = capsys.readouterr()
        return found.out if code == 0 else found.err

    return run


def test_systems_sections_and_presets_are_listed(shown):
    text = shown()
    assert "  sugrm        SUGRM (Hwang & Kim 2023)" in text
    assert "  model.encoder                  name: spt, lstm, transformer" in text
    assert "presets: mosi, mosei" in text


def test_a_system_is_shown_with_types_ranges_choices_and_defaults(shown):
    text = shown("self_mm")
    assert "model self_mm" in text
    assert "  model.fusion_dropout  number, >= 0.0, < 1.0; default 0.1" in text
    assert 'list of text, audio, vision; default ["text", "audio", "vision"]' in text
    assert '  model.recalibration   "sugrm", "none"; default "none"' in text


@pytest.mark.parametrize("name", ["training.batch_size", "experiment.training.batch_size"])
def test_one_option_is_shown_alone(shown, name):
    text = shown(name)
    assert "training.batch_size  integer, >= 1; default 32" in text
    assert "max_epochs" not in text


def test_an_own_system_is_shown_after_its_plug_in_is_named(shown):
    with preserved():
        text = shown("late_fusion", "--plugin", str(EXAMPLE))
    assert "Options of late fusion; width is that of the hidden layer." in text
    assert "  model.width       integer, >= 1; default 32" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trainin"], "did you mean training?"),
        (["late_fusion"], "there is no system, section or option 'late_fusion'"),
        (["sugrm", "--plugin", "no_such.py"], "there is no plug-in 'no_such.py'"),
    ],
)
def test_an_unknown_name_is_one_message(shown, words, message):
    assert message in shown(*words, code=2)
