"""A run as an object, from ledgers made by hand."""

from dataclasses import replace

import pytest

from reports import ReportError
from search import RunResult, SearchError, open_results
from search.controller.run_summary import RunSummary
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


@pytest.fixture
def opened(tmp_path):
    return open_results(str(tiny_run(tmp_path / "tiny")))


def test_a_run_in_its_folder_shows_trials_best_and_report(opened, tmp_path):
    assert opened.folder == tmp_path / "tiny"
    assert opened.summary is None
    assert len(opened.trials) == 12
    assert opened.best.seeds == (1, 2)
    report = opened.report(figures=False)
    assert report.table("leaderboard").rows
    assert report.figures == ()
    assert repr(opened) == (
        "RunResult('tiny': 12 trials: 10 finished, 1 stopped early, 1 failed; "
        f"folder {tmp_path}/tiny)"
    )


def test_the_tracebacks_are_those_of_the_failed_trials_each_once(opened):
    opened.trials["traceback"] = None
    failed = opened.trials.index[opened.trials["status"] == "failed"]
    assert opened.tracebacks == ()
    opened.trials.loc[failed, "traceback"] = "KeyError: 'txt'"
    opened.trials.loc[opened.trials["status"] == "stopped", "traceback"] = "of an earlier attempt"
    assert opened.tracebacks == ("KeyError: 'txt'",)


def test_what_was_read_is_kept(opened):
    opened.trials["note"] = "mine"
    assert (opened.trials["note"] == "mine").all()
    assert opened.results is opened.results


def test_a_report_has_the_tables_that_are_named(opened):
    for tables in (["ablations"], "ablations"):
        names = [table.name for table in opened.report(tables).tables]
        assert names == ["summary", "ablation_modules"]


def test_tables_that_are_no_names_are_refused(opened):
    with pytest.raises(SearchError, match=r"tables is 5; expected names of tables"):
        opened.report(5)


def test_a_run_that_has_ended_shows_how(tmp_path):
    summary = RunSummary(
        name="tiny",
        folder=tmp_path / "tiny",
        total=9,
        finished=3,
        stopped=1,
        failed=1,
        interrupted=True,
        seconds=1.0,
    )
    assert repr(RunResult(tmp_path / "tiny", summary)) == (
        "RunResult('tiny': 5 of 9 trials: 3 finished, 1 stopped early, 1 failed; ended before its "
        f"plan was done; folder {tmp_path}/tiny)"
    )
    done = replace(summary, interrupted=False, unconfirmed="no trial of the search has finished")
    assert "; no trial of the search has finished; folder " in repr(RunResult(tmp_path, done))


def test_a_mistyped_path_is_refused_at_once(tmp_path):
    tiny_run(tmp_path / "tiny")
    with pytest.raises(ReportError, match=r"no run folder .*/tyni.* holds tiny$"):
        open_results(tmp_path / "tyni")


def test_a_copied_folder_is_refused(tmp_path):
    folder = LedgerBuilder(tmp_path / "copy").write(SPACE)
    with pytest.raises(SearchError, match="belongs to the run 'tiny', not to 'copy'"):
        open_results(folder)


def test_a_report_without_a_trial_says_what_to_do(tmp_path):
    opened = open_results(LedgerBuilder(tmp_path / "tiny").write())
    assert opened.best is None
    with pytest.raises(ReportError, match=r"has no trial that ended.*start or continue it"):
        opened.report()
