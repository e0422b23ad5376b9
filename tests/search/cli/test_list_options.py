import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from search.cli.main import execute
from search.space.reading import load_space
from sugrm.config import PRESETS
from sugrm.config.extension import LOSS_NAMES
from sugrm.config.registry.registered import preserved
from sugrm.labels import LABEL_GENERATORS
from sugrm.models import MODELS

LOSS = '''
from typing import Literal
from pydantic import Field
from sugrm.plugins import Loss, LossSection

class PinballConfig(LossSection):
    """Pinball loss."""

    name: Literal["pinball"] = "pinball"
    quantile: float = Field(0.5, gt=0, lt=1)

PINBALL = Loss(options=PinballConfig, build=lambda options: None)
'''
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "late_fusion.py"


@pytest.fixture
def shown(capsys):
    def run(*words, code=0):
        assert execute(["options", *words]) == code
        found = capsys.readouterr()
        return found.out if code == 0 else found.err

    return run


def test_without_a_name_each_system_loss_generator_preset_and_section_has_a_line(shown):
    text = shown()
    lines = text.splitlines()
    assert "  sugrm      SUGRM (Hwang & Kim 2023): recalibration, sequence encoder" in "\n".join(
        lines
    )
    assert "  huber  Huber: squared up to objective.huber_delta, linear beyond it" in lines
    assert "  none     No generator: the unimodal tasks learn the human label, with" in text
    assert "  raven          RAVEN: its authors' released code" in lines
    assert "  model.encoder                  spt, lstm, transformer" in lines
    assert len(lines) == len(set(lines))
    for name in (*MODELS, *PRESETS, *LOSS_NAMES, *LABEL_GENERATORS):
        assert any(line.split()[:1] == [name] for line in lines), name


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
    assert "training.max_epochs" not in text


@pytest.mark.slow
def test_a_section_that_many_systems_share_is_shown_once(shown):
    text = shown("model.text")
    assert text.count("model.text.max_tokens") == 1
    encoders = [line for line in shown("model.encoder").splitlines() if "(of " in line]
    assert encoders == [
        "model.encoder spt (of spt, self_mm, sugrm)",
        "model.encoder lstm (of self_mm)",
        "model.encoder transformer (of self_mm, sugrm)",
        "model.encoder lstm (of sugrm)",
    ]


def test_an_option_comes_with_what_its_section_says_and_how_it_is_set(shown):
    assert shown("training.learning_rate.text").splitlines() == [
        "training.learning_rate",
        "  Learning rate of each parameter group.",
        "",
        "  audio and vision are those streams' own encoders, where a system has them; null takes",
        "  the rate of encoder. Where encoder is null, it takes the rate of others.",
        "  training.learning_rate.text  number, > 0; default 5e-05",
        "to set one: --set experiment.training.learning_rate.text=5e-05, or below experiment in a "
        "space",
    ]


def test_an_option_of_several_systems_has_the_default_of_each(shown):
    lines = shown("model.width").splitlines()
    assert lines[lines.index("model raven") + 1] == "  model.width  integer, >= 1; default 300"
    assert lines[lines.index("model sugrm") + 1] == "  model.width  integer, >= 1; default 32"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("model.encoder.name", "  model.encoder.name  lstm, spt, transformer; default lstm"),
        ("experiment", '  alignment   "unaligned", "aligned"; default "unaligned"'),
        ("model", "  tfn        Tensor fusion network (Zadeh et al. 2017)"),
        ("preset", "  raven          RAVEN: its authors' released code"),
        ("objective.labels", "  chosen by --set experiment.objective.labels.name=none"),
        ("sugrm", "  chosen by --set experiment.model.name=sugrm"),
        ("l2", "objective.loss l2: squared error"),
        ("paper", "  objective.labels.clamp             null"),
        ("mosi", "  chosen by --set 'experiment.preset=[mosi]'"),
        ("spt", "  its values: docs/spaces.md, section spt"),
    ],
)
def test_every_kind_of_name_is_known(shown, name, line):
    assert line in shown(name)


@pytest.mark.parametrize("name", ["sugrm", "training", "objective.labels", "model.encoder"])
def test_what_is_said_to_set_an_option_sets_it(shown, name, tmp_path):
    (tmp_path / "a.yaml").write_text(
        "name: a\ndata: {dataset: synthetic}\nablations: {g: {a: {}}}\n"
    )
    example = shown(name).rpartition("--set ")[2].partition(", or below")[0]
    (override,) = shlex.split(example)
    assert load_space(tmp_path / "a.yaml", overrides=[override])


@pytest.mark.slow
def test_the_options_are_listed_without_torch_and_ray():
    code = "import sys, search.cli.display.options_view; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "ray", "optuna", "transformers"} & set(done.stdout.split()) == set()


@pytest.mark.slow
def test_a_loss_of_a_plug_in_is_a_loss_among_others(shown, tmp_path):
    (tmp_path / "own_loss.py").write_text(LOSS)
    with preserved():
        listed = shown("--plugin", str(tmp_path / "own_loss.py"))
        text = shown("pinball", "--plugin", str(tmp_path / "own_loss.py"))
    assert "  pinball  Pinball loss." in listed
    assert "  chosen by --set experiment.objective.loss=pinball" in text
    assert "  objective.loss.quantile  number, > 0, < 1; default 0.5" in text


def test_an_own_system_is_shown_after_its_plug_in_is_named(shown):
    with preserved():
        text = shown("late_fusion", "--plugin", str(EXAMPLE))
    assert "Options of late fusion; width is that of the hidden layer." in text
    assert "  model.width       integer, >= 1; default 32" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trainin"], "did you mean training? Expected one of the systems"),
        (["recalibration"], "did you mean model.recalibration?"),
        (["self_m"], "did you mean self_mm?"),
        (["model.widht"], "did you mean model.width?"),
        (["experiment.model.widht"], "did you mean model.width?"),
        (
            ["late_fusion"],
            "there is no system, section, option, loss, label generator or preset 'late_fusion'",
        ),
        (["sugrm", "--plugin", "no_such.py"], "there is no plug-in 'no_such.py'"),
    ],
)
def test_an_unknown_name_is_one_message(shown, words, message):
    assert message in shown(*words, code=2)
