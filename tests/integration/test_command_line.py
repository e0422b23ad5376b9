"""The command line over a real Ray, as a process of its own; what follows it runs in this one."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.conftest import SHORTER
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS

pytestmark = [pytest.mark.slow, *RAY_IN_THIS_PROCESS]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SPACE = """
name: line
data: {dataset: synthetic, synthetic: {train: 16, valid: 8, test: 8}}
experiment:
  preset: [mosi, paper]
  model: {text: {name: tiny}, width: 8, encoder: {layers: 1, heads: 2}}
  training: {max_epochs: EPOCHS, patience: EPOCHS}
ablations:
  rates:
    baseline: {}
    changed: {training.learning_rate.others: RATE}
seeds: [1]
"""


def write_space(folder, *, epochs, rate):
    text = SPACE.replace("EPOCHS", str(epochs)).replace("RATE", rate)
    (folder / "line.yaml").write_text(text)


def test_a_failed_trial_gives_exit_code_1_and_a_line_and_the_run_goes_on(command, here, tmp_path):
    """A learning rate of 1e30 ends in a loss that is not a number."""
    write_space(tmp_path, epochs=3, rate="1.0e+30")
    done = subprocess.run(**command("run", "line.yaml"), capture_output=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert "rates/baseline seed 1" in done.stdout
    assert "failed    nan: " in done.stdout
    assert "2 trials, 1 finished, 0 stopped early, 1 failed" in done.stdout
    report = here("report")
    assert (report.returncode, report.stderr) == (0, "")
    assert (tmp_path / "runs" / "line" / "report" / "report.md").is_file()


def test_ctrl_c_gives_exit_code_130_and_the_same_command_goes_on(command, here, tmp_path):
    write_space(tmp_path, epochs=100000, rate="0.02")
    running = subprocess.Popen(
        **command("run", "line.yaml"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    folder = tmp_path / "runs" / "line"
    while not list(folder.glob("checkpoints/*/last.pt")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    shown, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (130, "")
    assert "run the same command again" in shown
    status = here("status")
    assert "cut off, continued by the next run: rates/baseline seed 1" in status.stdout
    write_space(tmp_path, epochs=2, rate="0.02")
    again = here("run", "line.yaml")
    assert (again.returncode, again.stderr) == (0, "")
    assert "2 trials, 2 finished" in again.stdout


def test_a_reader_that_goes_away_ends_the_run_quietly_and_the_same_command_goes_on(
    command, here, tmp_path
):
    write_space(tmp_path, epochs=2, rate="0.02")
    running = subprocess.Popen(
        **command("run", "line.yaml"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout.readline().startswith("line: at most 2 trials")
    running.stdout.close()
    assert running.wait(timeout=90) == 141
    with running.stderr as errors:
        assert errors.read() == ""
    again = here("run", "line.yaml")
    assert (again.returncode, again.stderr) == (0, "")
    assert "2 trials, 2 finished" in again.stdout


def test_workers_compute_an_own_system_whose_file_lies_beside_the_space(command, here, tmp_path):
    """The command after it, which computes in this process, finds the same trials."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    words = ("run", "examples/late_fusion.yaml", *SHORTER)
    done = subprocess.run(**command(*words), capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 trials, 2 finished" in done.stdout
    again = here(*words)
    assert (again.returncode, again.stderr) == (0, "")
    assert "2 of 2 done" in again.stdout
