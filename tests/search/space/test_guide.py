"""The guide to a space of one's own (docs/own_space.md) shows a space that is valid."""

import re
import shlex
from pathlib import Path

import pytest

from search.cli.main import execute

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "own_space.md").read_text(encoding="utf-8")
OPTIONS = re.findall(r"\| `(--[^|]+)` \|", GUIDE)


@pytest.fixture
def first(tmp_path, monkeypatch):
    """Return the path of the guide's space, in a folder without runs."""
    (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "first.yaml"
    path.write_text(block)
    return path


def test_the_space_of_the_guide_has_every_part_that_the_guide_explains(first, capsys):
    assert execute(["plan", str(first)]) == 0
    shown = capsys.readouterr().out
    for part in ("search: 4 trials", "confirm: the best 1", "ablation modules: 5 cells"):
        assert part in shown
    assert "compares its cells with" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS)
def test_the_options_of_the_guide_are_valid(first, options):
    assert execute(["plan", str(first), *shlex.split(options)]) == 0


@pytest.mark.slow
def test_the_guide_has_options_for_a_search_and_for_ablations_alone(first, capsys):
    assert execute(["plan", str(first), *shlex.split(OPTIONS[0])]) == 0
    search = capsys.readouterr().out
    assert execute(["plan", str(first), *shlex.split(OPTIONS[1])]) == 0
    ablations = capsys.readouterr().out
    assert "search:" in search
    assert "ablation" not in search
    assert "ablation" in ablations
    assert "search:" not in ablations
