"""The command of a row, typed into a shell elsewhere, gives its trial again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import reports
from reports.ledger.reading.load import load_results
from reports.ledger.schema import METRICS
from reports.results.repeat import Repeater

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

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


@pytest.fixture
def shell(command, tmp_path):
    """Return a function that runs a line in a shell that finds ``sugrm-search`` on its PATH."""
    given = command()
    program = tmp_path / "bin" / "sugrm-search"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom search.cli.main import main\nmain()\n")
    program.chmod(0o755)
    environment = {
        **given["env"],
        "PATH": f"{program.parent}{os.pathsep}{given['env']['PATH']}",
        "PYTHONPATH": str(Path(reports.__file__).parents[1]),
    }

    def run(line, folder):
        folder.mkdir(exist_ok=True)
        (folder / "the space.yaml").write_text(SPACE)
        done = subprocess.run(
            line, shell=True, cwd=folder, env=environment, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, ""), line

    return run


def test_a_searched_a_confirmed_and_an_ablation_row_come_again_to_the_last_bit(shell, tmp_path):
    shell(
        "sugrm-search run 'the space.yaml' --set experiment.training.max_epochs=2 --trials 2",
        tmp_path / "first",
    )
    results = load_results(tmp_path / "first" / "runs" / "whole")
    roles = [
        next(role for role in results.roles if wanted(role))
        for wanted in (
            lambda role: role.phase == "search" and role.number == 1,
            lambda role: role.phase == "confirm",
            lambda role: role.cell == "without MRM",
        )
    ]
    for role in roles:
        shell(Repeater(results).command(role), tmp_path / "elsewhere")
        repeated = load_results(tmp_path / "elsewhere" / "repeated" / f"repeat-{role.key}")
        assert list(repeated.trials) == [role.key]
        trial, original = repeated.trials[role.key], results.trials[role.key]
        assert trial.config == original.config
        names = [f"{split}_{metric}" for split in ("valid", "test") for metric in METRICS]
        assert trial.test["mae"] is not None
        assert repr([trial.column(name) for name in names]) == repr(
            [original.column(name) for name in names]
        )
