"""The dry run names as many trials as the same command then runs, after a kill or a change.

``test_dry_run.py`` holds many more changes against runs of a made-up learner.
"""

import hashlib
import re
import signal

import pytest

from search.cli.main import execute
from search.ledger.ledger import open_tables, read_trials
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS, assert_gone, driver, wait_for, workers
from tests.search.without_text import NO_TEXT

pytestmark = RAY_IN_THIS_PROCESS

START = "search.start=[]"  # so that no confirmation is a cell of the ablation as well
CONFIRMED = "confirm.seeds=[1, 3]"
CELLS = "ablations.modules={baseline: {}, remove MRM: {model.recalibration: none}, huber: HUBER}"
NEW_CELL = CELLS.replace("HUBER", "{objective.loss: huber}")
NARROW = (
    "search.parameters.training.learning_rate.others={low: 1.0e-3, high: 1.2e-3, log: true}",
    "search.parameters.objective.loss={choice: [l1]}",
)
MORE_EPOCHS = ("experiment.training.max_epochs=3", "confirm.seeds=[1]", "ablations=")


@pytest.fixture
def cut_off(mini_file, tmp_path):
    """Kill a run in its search; return how many of its trials have ended."""
    with driver(mini_file, tmp_path / "runs", START, NO_TEXT, concurrency=2) as process:
        wait_for(process, "TrialEnded", 3)
        while not (training := workers(process.pid)):  # between two steps it is named idle
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_gone(training, seconds=90)  # one may still write the checkpoint that it has begun
    return len(rows(tmp_path / "runs"))


@pytest.fixture
def both(ray_here, mini_file, tmp_path, capsys):
    """Return a function that makes a dry run and the run itself and compares what they tell.

    It returns the trials that the dry run named, those that the run computed, and the warnings.
    """
    runs = tmp_path / "runs"

    def commands(*overrides, launcher="sequential"):
        changes = [word for each in (NO_TEXT, *overrides) for word in ("--set", each)]
        command = ["run", str(mini_file), "--runs", str(runs), "--launcher", launcher, *changes]
        before, files = rows(runs), contents(runs)
        assert execute([*command, "--dry-run"]) == 0
        assert contents(runs) == files
        dry = capsys.readouterr()
        assert execute(command) == 0
        warned = warnings(capsys.readouterr())
        assert warnings(dry) == warned
        computed = [row for key, row in rows(runs).items() if before.get(key) != row]
        trials, epochs = left(dry.out)
        assert sum(row.epochs for row in computed) <= epochs
        return trials, len(computed), warned

    return commands


def left(shown):
    """Return the trials and the epochs that a dry run names."""
    (line,) = re.findall("^left to compute: (.*)$", shown, re.MULTILINE)
    if line == "nothing, every trial is done":
        return 0, 0
    return map(int, re.match(r"(\d+) trials?, at most (\d+) epochs?", line).groups())


def warnings(shown):
    lines = (shown.out + shown.err).splitlines()
    return sorted(line for line in lines if line.startswith("warning: "))


def rows(runs):
    return read_trials(open_tables(runs / "mini")["trials"])


def contents(folder):
    """Return the hash of each file below ``folder``."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_dry_run_names_what_the_run_computes_after_a_kill_and_after_changes(cut_off, both):
    assert both(START, launcher="ray") == (10 - cut_off, 10 - cut_off, [])
    assert both(START) == (0, 0, [])

    said, computed, (line,) = both(START, CONFIRMED, NEW_CELL)
    assert said == computed == 1 + 2
    assert "1 recorded trial is not part of its plan now" in line

    said, computed, (line,) = both(START, CONFIRMED, NEW_CELL, *NARROW)
    assert 0 < computed <= said <= computed + 2  # a confirmed trial may be the best again
    assert "recorded trials are not part of its plan now" in line

    said, computed, _ = both(START, *NARROW, *MORE_EPOCHS)
    assert said == computed == 4 + 1
