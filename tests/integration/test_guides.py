"""Every command and program of the guides by task, in their order, beside the examples."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sugrm.config.registry.installed import GROUPS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = shlex.split(
    "--audio-width 5 --vision-width 8 --audio-length 12 --vision-length 9 --test 8"
)
"""Options of a synthetic pickle with the widths of the demo's corpus."""


def blocks(guide):
    """Return language and content of each block of a guide, in its order."""
    text = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    return re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)


def commands(block):
    """Return the words of each ``sugrm-search`` command of a block."""
    lines = block.splitlines()
    return [shlex.split(line[2:])[1:] for line in lines if line.startswith("$ sugrm-search ")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_guide_to_own_models_works(call, folder):
    shown = ""
    for language, block in blocks("own_model"):
        if language == "python" and "PINBALL" in block:
            (folder / "examples" / "pinball.py").write_text(block, encoding="utf-8")
        elif language == "python" and "HEADS" in block:
            (folder / "examples" / "heads.py").write_text(block, encoding="utf-8")
        elif language == "python" and "DatasetDescription" in block:
            (folder / "podcasts.py").write_text(block, encoding="utf-8")
            call("options", "sugrm", "--plugin", "podcasts.py")
        elif language == "toml":
            groups = tomllib.loads(block)["project"]["entry-points"]
            assert set(groups) == {*GROUPS, "sugrm.datasets"}
        elif language == "python" and "late_fusion.py" in block:
            program = [sys.executable, "-c", block]
            done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=120)
            assert float(done.stdout) > 0
        for words in commands(block) if language == "console" else ():
            shown += call(*words)
    assert "width" in shown
    assert "late_fusion, hash of its source" in call("report", "late_fusion", "--full")


def test_the_guide_shows_the_example_as_it_is():
    shown = dict(blocks("own_model")[:2])
    assert shown["python"] == (ROOT / "examples" / "late_fusion.py").read_text(encoding="utf-8")
    assert shown["yaml"] == (ROOT / "examples" / "late_fusion.yaml").read_text(encoding="utf-8")
    assert len(shown["python"].splitlines()) <= 40


@pytest.mark.usefixtures("ray_here")
def test_the_programs_of_the_guide_to_python_work(folder, monkeypatch, capsys):
    """With one epoch a trial, to save time; the README's program runs in a process of its own."""
    monkeypatch.setenv("SUGRM_CACHE", str(folder / "cache"))
    programs = [block for language, block in blocks("python") if language == "python"]
    assert len(programs) >= 5
    exec(re.sub(r'("max_epochs": )\d', r"\g<1>1", "\n".join(programs)), {})
    assert "7 finished" in capsys.readouterr().out
    assert (folder / "runs" / "from_python" / "experiment.json").is_file()


def test_every_command_of_the_guide_to_trained_models_works(call, folder):
    shown = ""
    for language, block in blocks("predict"):
        if block.startswith("id,text\n"):
            (folder / "texts.csv").write_text(block, encoding="utf-8")
        elif language == "python":
            program = [sys.executable, "-c", block]
            subprocess.run(program, check=True, timeout=120)
        for line in block.splitlines() if language == "console" else ():
            given, _, line = line.rpartition(" | ")
            words = shlex.split(line.removeprefix("$ "))[1:]
            words += WIDTHS if words[:2] == ["data", "synthesize"] else []  # the last one counts
            shown += call(*words, given=shlex.split(given)[2] if given else None)
    assert "id,score,score_T,score_A,score_V" in shown
    assert '{"id": "1", "score": ' in shown
    assert (folder / "scores.parquet").is_file()


def test_the_program_of_the_readme_works(folder):
    """With fewer trials and epochs, and without workers, to save time."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    fewer = (
        '"search.trials=1", "confirm.seeds=[1]", "experiment.training.max_epochs=1", '
        '"resources.launcher=sequential"'
    )
    program = program.replace('"search.trials=4"', fewer)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "valid_mae" in done.stdout
    assert (folder / "runs" / "short" / "experiment.json").is_file()
