import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports.ledger.places.storage import StorePlace
from search import open_results
from search.cli.display.summary_view import exit_code, summary_lines
from search.cli.display.wording import traceback_command
from search.controller.run_summary import RunSummary
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def summary(**changes):
    values = {
        "name": "demo",
        "folder": Path("runs/demo"),
        "total": 5,
        "finished": 3,
        "stopped": 1,
        "failed": 0,
        "interrupted": False,
        "seconds": 75.0,
    }
    return RunSummary(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"failed": 1}, 1),
        ({"unconfirmed": "no trial of the search has finished"}, 1),
        ({"interrupted": True}, 130),
        ({"interrupted": True, "failed": 1}, 130),
        ({"interrupted": True, "spent": "hours"}, 0),
        ({"interrupted": True, "spent": "epochs", "failed": 1}, 1),
        ({"interrupted": True, "gave_up": True, "failed": 5}, 1),
    ],
)
def test_the_exit_code_says_how_a_run_ended(changes, code):
    assert exit_code(summary(**changes)) == code


def test_the_end_names_the_counts_and_the_next_commands():
    assert list(summary_lines(summary())) == [
        "demo is done in 1 min 15 s: 4 trials, 3 finished, 1 stopped early, 0 failed",
        "  tables:       sugrm-search report demo",
        "  TensorBoard:  tensorboard --logdir runs/demo/tensorboard",
    ]


def test_the_end_of_a_run_with_failures_gives_the_command_that_prints_their_tracebacks():
    lines = list(summary_lines(summary(failed=1, has_tracebacks=True)))
    assert lines[1:3] == [
        "  the report shows why trials failed",
        f"  tracebacks:   {traceback_command(Path('runs/demo'))}",
    ]


def test_failures_without_a_traceback_offer_no_command_that_prints_nothing():
    lines = list(summary_lines(summary(failed=1)))
    assert lines[1] == "  the report shows why trials failed"
    assert not any("tracebacks" in line for line in lines)


@pytest.mark.parametrize("is_activated", [True, False])
def test_the_command_prints_the_tracebacks_of_a_run(tmp_path, monkeypatch, is_activated):
    """The folder's name has what a shell would read; the environment may not be activated."""
    paths = [str(Path(sys.executable).parent)] if is_activated else []
    monkeypatch.setenv("PATH", os.pathsep.join([*paths, os.defpath]))
    assert traceback_command(tmp_path).startswith("python -c ") == is_activated
    builder = LedgerBuilder(tmp_path / "it's $HOME" / "tiny")
    for key, text in (("a", "Traceback: a\n"), ("b", "Traceback: b\n"), ("c", None)):
        builder.trial(key, status="failed", traceback=text)
    folder = builder.write(SPACE)
    assert open_results(folder).tracebacks == ("Traceback: a\n", "Traceback: b\n")
    done = subprocess.run(traceback_command(folder), shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Traceback: a\n\nTraceback: b\n\n"


def test_the_end_of_a_continued_run_gives_the_time_of_all_commands_too():
    (line, *_) = summary_lines(summary(earlier_seconds=45.0))
    assert line.startswith("demo is done in 1 min 15 s (with earlier commands about 2 min 0 s): ")


def test_the_end_says_what_the_winner_of_the_search_keeps():
    assert list(summary_lines(summary(winner="The search's best was luck.")))[1] == (
        "  The search's best was luck."
    )


def test_a_run_that_was_interrupted_says_how_to_go_on():
    lines = list(summary_lines(summary(interrupted=True, cut_off=2, next_step="run it again")))
    assert lines[0] == (
        "demo was interrupted after 1 min 15 s: 4 trials ended, 3 finished, 1 stopped early, "
        "0 failed, 2 cut off"
    )
    assert lines[1] == "  run it again"


def test_a_run_that_its_budget_ended_was_not_interrupted():
    (line, *_) = summary_lines(summary(interrupted=True, spent="hours"))
    assert line.startswith("demo ended before its plan was done, after 1 min 15 s: 4 trials ended")


def test_a_search_without_a_finished_trial_is_not_done_but_ended():
    found = summary(finished=0, stopped=0, failed=1, unconfirmed="no trial has", next_step="mend")
    assert list(summary_lines(found))[:3] == [
        "demo ended in 1 min 15 s: 1 trial, 0 finished, 0 stopped early, 1 failed",
        "  no trial has",
        "  mend",
    ]


def test_another_folder_of_runs_is_named_in_the_next_command():
    lines = list(summary_lines(summary(folder=Path("other/demo"))))
    assert lines[1].endswith("sugrm-search report demo --runs other")


def test_the_next_commands_can_be_pasted_into_a_shell():
    lines = list(summary_lines(summary(folder=Path("my runs/demo"))))
    assert lines[1].endswith("report demo --runs 'my runs'")
    assert lines[2].endswith("--logdir 'my runs/demo/tensorboard'")
    store = StorePlace(None, "bucket/demo", query="endpoint_override=host:1&scheme=http")
    lines = list(summary_lines(summary(folder=store)))
    assert lines[1].endswith("--runs 's3://bucket?endpoint_override=host:1&scheme=http'")
    assert "--logdir s3://bucket/demo/tensorboard  (needs boto3" in lines[2]


def test_a_run_without_an_ended_trial_names_no_report():
    lines = list(summary_lines(summary(finished=0, stopped=0, interrupted=True)))
    assert not any("report" in line for line in lines)
