"""Whole runs in this process: what they record, whichever launcher computes them."""

import pytest

from reports.ledger import schema
from reports.ledger.reading.load import load_results
from reports.results import parameter_importance
from reports.results.parameter_importance import read_importance
from reports.results.search_entries import search_entries
from search.run import run_space
from tests.search.tune.drivers import rows

pytestmark = pytest.mark.slow

SEQUENTIAL = "resources.launcher=sequential"


def test_a_search_trains_each_configuration_on_several_seeds(mini, tmp_path):
    space = mini("search.seeds=[7, 8, 9]", "ablations=", "search.trials=5", SEQUENTIAL)
    summary = run_space(space, runs=tmp_path)
    assert (summary.failed, summary.interrupted) == (0, False)
    results = load_results(tmp_path / "mini")
    seeds = {}
    for role in results.roles:
        if role.phase == "search":
            seeds.setdefault(role.number, set()).add(role.seed)
    assert set(seeds) == set(range(5))
    assert all(7 in found for found in seeds.values())
    best = search_entries(results)[0]
    assert [trial.seed for trial in best.trials] == [7, 8, 9]
    mean = sum(trial.valid["mae"] for trial in best.trials) / 3
    assert f"was {mean:.3f} on average over 3 seeds; over 2 fresh seeds" in summary.winner
    assert summary.total == summary.finished == sum(map(len, seeds.values())) + 2
    before = rows(tmp_path / "mini")
    again = run_space(space, runs=tmp_path)
    assert (again.total, again.finished) == (summary.total, summary.finished)
    assert rows(tmp_path / "mini") == before


def test_failures_are_rows_with_their_kind_and_the_run_goes_on(mini, tmp_path):
    cells = (
        "ablations={faults: {raises: {training.device: 'cuda:99'}, "
        "diverges: {training.learning_rate.others: 1.0e+38}, sound: {}}}"
    )
    space = mini("search=", "confirm=", cells, "seeds=[1]", SEQUENTIAL)
    summary = run_space(space, runs=tmp_path)
    assert (summary.finished, summary.failed) == (1, 2)
    found = {role.cell: role.key for role in load_results(tmp_path / "mini").roles}
    trials = load_results(tmp_path / "mini").trials
    assert trials[found["raises"]].failure == "crash"
    assert "cuda" in trials[found["raises"]].message
    assert "Traceback" in trials[found["raises"]].traceback
    assert trials[found["diverges"]].failure == "nan"
    assert trials[found["sound"]].status == "finished"


def test_an_interrupted_run_has_its_utterances_and_the_importance_so_far(
    mini, tmp_path, monkeypatch
):
    for module in (schema, parameter_importance):  # the run records it, the report reads it
        monkeypatch.setattr(module, "IMPORTANCE_TRIALS", 4)
    searched = ("search.trials=6", "confirm=", "ablations=", SEQUENTIAL)
    summary = run_space(mini(*searched, "budget.trials=4"), runs=tmp_path)
    assert (summary.interrupted, summary.finished) == (True, 4)
    results = load_results(tmp_path / "mini")
    assert results.utterances().num_rows == 16 + 8 + 8
    assert read_importance(results).trials == 4
    written = {path: path.read_bytes() for path in (tmp_path / "mini/utterances").iterdir()}
    run_space(mini(*searched), runs=tmp_path)
    assert read_importance(load_results(tmp_path / "mini")).trials == 6
    assert {path: path.read_bytes() for path in written} == written
