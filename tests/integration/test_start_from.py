"""A run on one corpus, then a run on another that starts from it, through the command line."""

import json
import shlex
import shutil
import signal
import subprocess
import time

import pytest

from reports.ledger.reading.load import load_results
from reports.results.repetition.command import repeat_command
from sugrm import load

pytestmark = pytest.mark.slow

FIRST = """
name: first
data: {dataset: mosi, text: first.csv, exclude: {texts_of: second.csv}}
experiment:
  model: {name: text_only, text: {name: tiny, max_tokens: 16}}
  training: {max_epochs: 1, device: cpu}
ablations: {text: {baseline: {}}}
seeds: [1, 2]
"""
SECOND = """
name: second
data: {dataset: mosi, text: second.csv}
experiment:
  model: {name: sugrm, text: {name: tiny, max_tokens: 16}, width: 8,
          encoder: {layers: 1, heads: 2}, modalities: [text]}
  objective: {labels: {name: none}}
  training: {max_epochs: EPOCHS, patience: EPOCHS, device: cpu}
ablations:
  start:
    baseline: {}
    from the first: {start_from: first}
    frozen: {start_from: first, model.text.finetune: false}
seeds: [1, 3]
checkpoints: {keep: 3}
"""


def write(folder, *, epochs=2):
    words = ("good", "bad", "film", "plot", "fine", "dull", "long", "great")
    for name, start in (("first", 0), ("second", 30)):
        rows = ["id,text,label,split"]
        for number in range(40):
            text = " ".join(words[(number + start) >> bit & 7] for bit in range(6))
            split = ("train", "train", "valid", "test")[number % 4]
            rows.append(f"{name}{number},{text},{number % 7 - 3},{split}")
        (folder / f"{name}.csv").write_text("\n".join(rows))
    (folder / "first.yaml").write_text(FIRST)
    (folder / "second.yaml").write_text(SECOND.replace("EPOCHS", str(epochs)))


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """The folder where the first tests leave copies of what they ran for the next ones."""
    return tmp_path_factory.mktemp("earlier")


@pytest.fixture
def first(here, earlier, tmp_path):
    """Run the first space, or copy its run; return the function that runs command lines."""
    if (earlier / "first").exists():
        shutil.copytree(earlier / "first", tmp_path, dirs_exist_ok=True)
        return here
    write(tmp_path)
    done = here("run", "first.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 of 40 utterances are left out, because their text is in second.csv" in done.stdout
    shutil.copytree(tmp_path, earlier / "first")
    return here


@pytest.fixture
def second(first, earlier, tmp_path):
    """Run the second space after the first, or copy its run; return what it printed."""
    printed = earlier / "second" / "printed.txt"
    if not printed.exists():
        done = first("run", "second.yaml")
        assert (done.returncode, done.stderr) == (0, "")
        shutil.copytree(tmp_path, printed.parent)
        printed.write_text(done.stdout)
    shutil.copytree(printed.parent, tmp_path, dirs_exist_ok=True)
    return printed.read_text()


def test_a_run_starts_from_another_one_and_says_so_everywhere(first, second, tmp_path):
    keys = {role.seed: role.key for role in load_results(tmp_path / "runs" / "first").roles}
    line = f"starts from run first, trial {keys[1]}, seed 1 (digest "
    assert second.count(line) == 1
    assert "takes over text, not encoder, others; it is the cell baseline" in second
    results = load_results(tmp_path / "runs" / "second")
    cells = {(role.cell, role.seed): results.trials[role.key] for role in results.roles}
    started = {cell: trial.start_fingerprint for cell, trial in cells.items()}
    assert started["baseline", 1] is None
    assert (
        len({started[cell, seed] for cell in ("from the first", "frozen") for seed in (1, 3)}) == 1
    )
    assert cells["baseline", 1].test != cells["from the first", 1].test
    assert results.experiment.newest.starts[0].startswith(line)
    assert any(label == "start" for label, _ in results.experiment.provenance)
    assert "second: 6 of 6 done" in first("status", "second").stdout
    again = first("run", "second.yaml")
    assert "6 of 6 done: 6 finished" in again.stdout
    report = first("report", "second")
    assert report.returncode == 0
    assert line in (tmp_path / "runs" / "second" / "report" / "report.md").read_text()


def test_the_exported_model_scores_alone_and_says_what_it_started_from(first, second, tmp_path):
    done = first("export", "second", "model", "--cell", "start/frozen", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "runs").rename(tmp_path / "gone")
    assert load(tmp_path / "model").predict(["good film"]).scores.shape == (1,)
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert config["started_from"]["3"]["origin"].startswith("run first, trial ")
    assert "- seed 3: run first, trial " in (tmp_path / "model" / "README.md").read_text()
    # A folder serves as well as the run: the same weights, so the same trials.
    (tmp_path / "gone").rename(tmp_path / "runs")
    assert first("export", "first", "folder", "--seed", "1").returncode == 0
    done = first("run", "second.yaml", "--set", "ablations.start.from the first.start_from=folder")
    assert done.returncode == 0
    assert "6 of 6 done" in done.stdout
    assert "second: 6 of 6 done" in first("status", "second").stdout


WRONG = {
    "run": ("ablations.start.frozen.start_from=firsts", "did you mean 'first'?"),
    "key": ("ablations.start.frozen.start_from=first/0", "start_from: the trial '0': "),
    "encoder": ("ablations.start.frozen.model.text.name=minilm", "has the text encoder 'tiny'"),
    "parts": (
        "ablations.start.frozen.start_from={model: first, parts: [vision]}",
        "no weight of the same name and shape for the parts vision",
    ),
}


def test_wrong_names_are_one_message_before_anything_starts(first, tmp_path):
    for change, message in WRONG.values():
        done = first("run", "second.yaml", "--set", change)
        assert done.returncode == 2, change
        assert done.stderr.startswith("error: ")
        assert message in done.stderr
        assert len(done.stderr.splitlines()) <= 3
        assert not (tmp_path / "runs" / "second").exists()


def test_a_trial_is_repeated_from_its_own_command(first, tmp_path):
    cells = "{baseline: {}, frozen: {model.text.finetune: false}}"
    changes = ("experiment.start_from=first", f"ablations.start={cells}", "seeds=[1]")
    first("run", "second.yaml", *(word for change in changes for word in ("--set", change)))
    results = load_results(tmp_path / "runs" / "second")
    assert len(results.roles) == 2
    for role in results.roles:
        _, *words = shlex.split(repeat_command(results, results.trials[role.key]))
        done = first(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith("equal to the record to the last bit: 1 of 1 trial\n")
        repeated = load_results(tmp_path / "repeated" / f"repeat-{role.key}")
        assert list(repeated.trials) == [role.key]
        assert repeated.trials[role.key].test == results.trials[role.key].test


LONG = (
    *("run", "second.yaml", "--set", "seeds=[1]"),
    *("--set", "experiment.training={max_epochs: 40, patience: 40, device: cpu}"),
    *("--set", "ablations.start={from the first: {start_from: runs/first}}"),
)


def test_a_run_that_is_killed_goes_on_from_its_checkpoints(first, command, tmp_path):
    """A Ctrl-C in a process of its own; the same command then goes on in this one."""
    expected = first(*LONG, "--runs", "whole")
    assert expected.returncode == 0, expected.stderr
    (whole,) = load_results(tmp_path / "whole" / "second").trials.values()
    running = subprocess.Popen(**command(*LONG), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    folder = tmp_path / "runs" / "second"
    while not list(folder.glob("checkpoints/*/last.pt")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    again = first(*LONG)
    assert (again.returncode, again.stderr) == (0, "")
    (found,) = load_results(folder).trials.values()
    assert (found.key, found.test) == (whole.key, whole.test)
