"""The benchmarks run, at tiny sizes; what they measure is for people to read."""

import json
import re
import runpy
from pathlib import Path

import pytest

from tests.reports.ledger_builder import LedgerBuilder

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"

# Ray's own: deprecations of its dependencies, and sockets that it closes at exit.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def script(name, monkeypatch, *arguments):
    """Run a benchmark as a user does."""
    monkeypatch.setattr("sys.argv", [str(name), *arguments])
    runpy.run_path(str(FOLDER / name), run_name="__main__")


SCRIPTS = [  # those of the other folders are started by these
    path
    for path in (*FOLDER.glob("*.py"), *FOLDER.glob("scale/*.py"))
    if 'if __name__ == "__main__"' in path.read_text()
]


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_explains_itself_and_refuses_what_it_does_not_know(path, monkeypatch, capsys):
    """Nothing is measured before the command line is read."""
    for argument, status in (("--help", 0), ("--nonsense", 2)):
        with pytest.raises(SystemExit) as stopped:
            script(path, monkeypatch, argument)
        said = capsys.readouterr()
        assert stopped.value.code == status
        assert "usage: " in (said.err if status else said.out)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("asha_tpe.py", ["0"], "argument orderings: got 0; expected a whole number of at least 1"),
        ("ledger_10000.py", ["many"], "got many; expected a whole number of at least 1"),
        ("start_up.py", ["-1"], "usage: "),
        ("thousand_workers.py", ["--sampler", "tpa"], "invalid choice: 'tpa'"),
        ("epoch_shares.py", ["no.pkl"], "there is no file no.pkl"),
        ("similar_length.py", ["no.pkl"], "there is no file no.pkl"),
        ("utterance_labels.py", ["no", "id"], "there is no folder no"),
    ],
)
def test_a_script_says_which_argument_is_wrong(name, arguments, message, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        script(name, monkeypatch, *arguments)
    assert message in capsys.readouterr().err


def test_the_table_of_curves_holds_every_epoch_of_every_cell():
    """324 cells of 27 epochs: 6 rates, 3 batch sizes, 3 widths, 3 dropouts, 2 losses."""
    curves = runpy.run_path(str(FOLDER / "asha_tpe.py"))["Curves"](FOLDER / "curves.csv")
    assert (len(curves), curves.epochs) == (6 * 3 * 3 * 3 * 2, 27)


@pytest.mark.slow
def test_the_grid_of_the_table_is_that_of_its_space():
    make = runpy.run_path(str(FOLDER / "make_curves.py"))
    from search import load_space

    space = load_space(FOLDER / "curves.yaml")
    rows = (FOLDER / "curves.csv").read_text().splitlines()
    names = list(space.search.parameters)
    assert rows[0].split(",")[: len(names)] == names
    for cell, row in zip(make["cells"](space.search.parameters), rows[1:], strict=True):
        shown = [f"{v:g}" if isinstance(v, float) else str(v) for v in cell.values()]
        assert row.split(",")[: len(names)] == shown


@pytest.mark.slow
def test_a_replayed_search_repeats_and_never_gets_worse():
    benchmark = runpy.run_path(str(FOLDER / "asha_tpe.py"))
    curves = benchmark["Curves"](FOLDER / "curves.csv")
    options = ("search.trials=6", "search.scheduler={name: asha, min_epochs: 1, reduction: 3}")
    first, again = ([*benchmark["search"](curves, *options)] for _ in range(2))
    assert first == again
    assert len(first) == 6
    bests = [progress.best for progress in first]
    assert bests == sorted(bests, reverse=True)
    assert first[-1].epochs < 6 * 27


@pytest.mark.slow
def test_the_ledger_is_timed(monkeypatch, capsys):
    script("ledger_10000.py", monkeypatch, "70")
    said = capsys.readouterr().out
    assert re.search(r"a trial added, mean of all 70: [\d.]+ ms", said)


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "argument", "printed"),
    [
        ("trials_per_second.py", "0.05", r"ratio [\d.]+"),
        ("scale/tune_wait.py", "5", r"5 workers: [\d.]+ CPU ms for each report"),
    ],
)
def test_runs_are_timed(name, argument, printed, no_ray_here, monkeypatch, capsys):
    script(name, monkeypatch, argument, "1")
    assert re.search(printed, capsys.readouterr().out)


@pytest.mark.slow
def test_what_label_generation_sees_is_printed_by_epoch(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path))
    script("label_geometry.py", monkeypatch, "2")
    said = capsys.readouterr().out
    number = r"-?\d\.\d\d"
    fusion = rf"^    2 fusion +{number} to {number} +{number} +{number}$"
    assert len(re.findall(fusion, said, re.MULTILINE)) == 2
    rows = re.findall(r"^    2 (text|audio|vision) .* (\d+)% +\d+% ", said, re.MULTILINE)
    assert [name for name, _ in rows] == ["text", "audio", "vision"] * 2
    # In the first epoch with labels, D_F reaches D_max for nearly every utterance.
    assert all(int(share) > 80 for _, share in rows)


def labelled_run(folder):
    """Write a run of two training utterances whose labels of text turn around in epoch 2."""
    builder = LedgerBuilder(folder)
    builder.cell("SUGRM", 1, 1.0, config=json.dumps({"objective": {"labels": {"name": "sugrm"}}}))
    key = builder.rows["trials"][-1]["key"]
    labels = {1: {"T": [1.0, -2.0], "A": [1.0, -2.0]}, 2: {"T": [-3.0, 2.0], "A": [2.0, 1.0]}}
    builder.rows["labels"] += [
        {"key": key, "epoch": epoch, "task": task, "labels": values}
        for epoch, tasks in labels.items()
        for task, values in tasks.items()
    ]
    corpus = {"data_fingerprint": "d0d0", "alignment": "unaligned", "split": "train"}
    builder.rows["utterances"] = [
        {**corpus, "position": p, "id": name, "label": label, "text": name}
        for p, (name, label) in enumerate((("up", 1.0), ("down", -2.0)))
    ]
    builder.write()
    return folder


def test_labels_of_utterances_are_printed_by_epoch_with_the_share_of_opposite_signs(
    monkeypatch, capsys, tmp_path
):
    folder = labelled_run(tmp_path / "run")
    script("utterance_labels.py", monkeypatch, str(folder), "down")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:2] == ["labels", "of"]
    assert lines[2:] == [
        ["human", "-2.0"],
        ["1", "-2.0/-2.0", "0%", "0%", "-"],
        ["2", "2.0/1.0", "100%", "50%", "-"],
    ]
    with pytest.raises(SystemExit, match="2"):
        script("utterance_labels.py", monkeypatch, str(folder), "sideways")
    assert "no training utterance is called sideways" in capsys.readouterr().err


@pytest.mark.slow
def test_the_start_of_a_command_is_timed(monkeypatch, capsys):
    script("start_up.py", monkeypatch, "1", "--no-run")
    assert (
        len(re.findall(r"^.+: \d\.\d{3} CPU s, median of 1$", capsys.readouterr().out, re.M)) == 2
    )
