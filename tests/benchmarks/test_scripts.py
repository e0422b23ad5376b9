"""The benchmarks run, at tiny sizes; what they measure is for people to read."""

import re
import runpy
from pathlib import Path

import pytest

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
    monkeypatch.setattr("sys.argv", [name, *arguments])
    runpy.run_path(str(FOLDER / name), run_name="__main__")


def test_the_table_of_curves_holds_every_epoch_of_every_cell():
    """324 cells of 27 epochs: 6 rates, 3 batch sizes, 3 widths, 3 dropouts, 2 losses."""
    curves = runpy.run_path(str(FOLDER / "asha_tpe.py"))["Curves"](FOLDER / "curves.csv")
    assert (len(curves), curves.epochs) == (6 * 3 * 3 * 3 * 2, 27)


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
    bests = [standing.best for standing in first]
    assert bests == sorted(bests, reverse=True)
    assert first[-1].epochs < 6 * 27


@pytest.mark.slow
def test_the_ledger_is_timed(monkeypatch, capsys):
    script("ledger_10000.py", monkeypatch, "70")
    said = capsys.readouterr().out
    assert re.search(r"a trial added, mean of all 70: [\d.]+ ms", said)
    assert re.search(r"status: [\d.]+ s", said)


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "argument"), [("trials_per_second.py", "0.05"), ("two_nodes.py", "1")]
)
def test_runs_are_timed(name, argument, monkeypatch, capsys):
    script(name, monkeypatch, argument, "1")
    assert re.search(r"ratio [\d.]+", capsys.readouterr().out)
