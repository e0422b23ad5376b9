import json

import pytest

from search.cli.main import execute
from tests.reports.ledger_builder import LedgerBuilder


def make_run(folder, *, ended=True):
    builder = LedgerBuilder(folder)
    if ended:
        builder.searched(0, 0.9)
    builder.write()
    record = json.loads((folder / "experiment.json").read_text())
    (folder / "experiment.json").write_text(json.dumps({**record, "name": folder.name}))


@pytest.fixture
def runs(tmp_path):
    make_run(tmp_path / "ended")
    make_run(tmp_path / "begun", ended=False)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "experiment.json").write_text("{")
    return tmp_path


def test_all_runs_are_reported_past_those_that_cannot_be(runs, capsys):
    assert execute(["report", "--runs", str(runs)]) == 0
    shown = capsys.readouterr()
    assert f"wrote {runs / 'ended' / 'report' / 'report.md'}" in shown.out
    assert f"left out: the run {runs / 'begun'} has no trial that ended" in shown.err
    assert f"left out: {runs / 'damaged' / 'experiment.json'} is damaged" in shown.err


def test_a_run_asked_for_by_name_that_cannot_be_reported_is_an_error(runs, capsys):
    assert execute(["report", "ended", "begun", "--runs", str(runs)]) == 2
    shown = capsys.readouterr()
    assert "wrote" in shown.out
    assert shown.err.startswith(f"error: the run {runs / 'begun'} has no trial that ended")


def test_without_any_report_every_reason_is_named(runs, capsys):
    (runs / "ended" / "experiment.json").unlink()
    assert execute(["report", "--runs", str(runs)]) == 2
    assert capsys.readouterr().err.count("expected") == 2


def test_an_unknown_table_is_named_once(runs, capsys):
    assert execute(["report", "--runs", str(runs), "--tables", "leaderboard, 9"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: unknown table '9'")
    assert shown.out == ""


def test_spaces_between_tables_are_free(runs, capsys):
    assert execute(["report", "ended", "--runs", str(runs), "--tables", "summary, failures"]) == 0


def test_without_runs_the_next_step_is_named(tmp_path, capsys):
    assert execute(["report", "--runs", str(tmp_path)]) == 2
    assert "start one with: sugrm-search run spaces/demo.yaml" in capsys.readouterr().err
