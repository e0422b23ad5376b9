"""Every command and program of the guides by task, in their order, beside the examples."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

ROOT = Path(__file__).resolve().parents[2]
SHORTER = [
    "--set",
    "experiment.training.max_epochs=1",
    "--set",
    "seeds=[1]",
    "--set",
    "confirm.seeds=[1]",
    "--trials",
    "1",
]
"""Appended to the runs, to save time."""


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


def test_every_command_of_the_guide_to_own_models_works(command, folder):
    shown = ""
    for language, block in blocks("own_model"):
        if language == "python" and "PINBALL" in block:
            (folder / "examples" / "pinball.py").write_text(block, encoding="utf-8")
        elif language == "python" and "late_fusion.py" in block:
            program = [sys.executable, "-c", block]
            done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=120)
            assert float(done.stdout) > 0
        for words in commands(block) if language == "console" else ():
            words = [*words, *SHORTER] if words[0] == "run" else words
            done = subprocess.run(**command(*words), capture_output=True, timeout=200)
            assert done.returncode == 0, done.stderr.decode()
            shown += done.stdout.decode()
    assert "width" in shown
    assert "late_fusion, hash of its source" in shown


def test_the_guide_shows_the_example_as_it_is():
    shown = dict(blocks("own_model")[:2])
    assert shown["python"] == (ROOT / "examples" / "late_fusion.py").read_text(encoding="utf-8")
    assert shown["yaml"] == (ROOT / "examples" / "late_fusion.yaml").read_text(encoding="utf-8")
    assert len(shown["python"].splitlines()) <= 41


def test_the_programs_of_the_guide_to_python_work(folder):
    programs = [block for language, block in blocks("python") if language == "python"]
    assert len(programs) >= 5
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(programs)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "7 finished" in done.stdout
    assert (folder / "runs" / "first" / "experiment.json").is_file()
