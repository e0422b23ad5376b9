"""The command of a row, typed into a shell, gives its trial again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reports.ledger.reading.load import load_results
from reports.ledger.schema import METRICS
from reports.results.repetition.command import repeat_command

pytestmark = pytest.mark.slow

SPACE = """
name: whole
data: {dataset: synthetic, synthetic: {train: 16, valid: 8, test: 8}}
experiment:
  preset: [mosi, paper]
  model: {text: {name: tiny}, width: 8, encoder: {layers: 1, heads: 2}}
  training: {max_epochs: 1}
search:
  trials: 1
  start: []
  parameters:
    training.learning_rate.others: {low: 1.0e-3, high: 1.0e-2, log: true}
    model.encoder.name: {choice: [lstm]}
confirm: {top: 1, seeds: [7]}
ablations:
  it's "one" | group:
    baseline: {}
    without MRM: {model.recalibration: none, objective.tasks: [M, T]}
baselines: {it's "one" | group: baseline}
seeds: [1]
"""


PROGRAM = f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n"


@pytest.fixture
def shell(here, tmp_path, monkeypatch):
    """Return a function that runs in a folder what a shell makes of a line.

    The shell's ``sugrm-search`` only prints its arguments; they are run in this process.
    """
    program = tmp_path / "bin" / "sugrm-search"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    def run(line, folder, warning=""):
        monkeypatch.chdir(folder)
        printed = subprocess.run(line, shell=True, check=True, capture_output=True).stdout
        done = here(*json.loads(printed))
        assert done.returncode == 0, line
        assert done.stderr.startswith(warning), line
        assert len(done.stderr.splitlines()) == (1 if warning else 0), line

    return run


def test_a_searched_a_confirmed_and_an_ablation_row_come_again_to_the_last_bit(shell, tmp_path):
    """Without the space file, which the record does not need."""
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    (folder / "the space.yaml").write_text(SPACE)
    options = "--set experiment.training.max_epochs=2 --trials 2 --runs \"the 'runs'\""
    shell(f"sugrm-search run 'the space.yaml' {options}", folder)
    (folder / "the space.yaml").unlink()
    results = load_results(Path("the 'runs'/whole"))
    roles = [
        next(role for role in results.roles if wanted(role))
        for wanted in (
            lambda role: role.phase == "search" and role.number == 1,
            lambda role: role.phase == "confirm",
            lambda role: role.cell == "without MRM",
        )
    ]
    for role in roles:
        warning = "warning: this is a trial of the search: " if role.phase == "search" else ""
        shell(repeat_command(results, results.trials[role.key]), folder, warning)
        repeated = load_results(folder / "repeated" / f"repeat-{role.key}")
        assert list(repeated.trials) == [role.key]
        trial, original = repeated.trials[role.key], results.trials[role.key]
        assert trial.config == original.config
        names = [f"{split}_{metric}" for split in ("valid", "test") for metric in METRICS]
        assert trial.test["mae"] is not None
        assert repr([trial.column(name) for name in names]) == repr(
            [original.column(name) for name in names]
        )
