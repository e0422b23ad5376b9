"""What the objects of a loaded run show of themselves, and where a run may lie."""

import re

import pytest

from reports import load_results, load_run
from tests.reports.ledger_builder import tiny_run


def test_a_run_is_read_from_text_and_from_a_path(tmp_path, monkeypatch):
    folder = tiny_run(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    assert load_results("tiny").trials.keys() == load_run(folder).trials.keys()


def test_what_is_no_path_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"got 5; expected a path"):
        load_results(5)


def test_a_loaded_run_is_short_in_a_console(tmp_path):
    results = load_results(tiny_run(tmp_path / "tiny"))
    assert repr(results) == (
        f"Results('{tmp_path}/tiny', 12 trials ended: 10 finished, 1 stopped, 1 failed)"
    )
    assert repr(results.trials["s0"]) == "Trial(s0, finished, seed 1110, valid mae 0.9)"
    assert repr(results.trials["s3"]) == "Trial(s3, failed, seed 1110, nan)"
    assert repr(results.experiment) == "Experiment('tiny', 1 version of its space)"
    shown = repr(results.experiment.newest)
    assert re.fullmatch(r"Version\(started 2026-01-02.*, 'sugrm-search run .*'\)", shown)
