from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from search.budget.limits import Usage
from search.cli.display.status_view import status_lines
from search.cli.main import execute
from search.events import Unconfirmed
from search.status.pareto import ParetoTrial
from search.status.states import BestTrial, Configurations, FailedTrial, RunningTrial, RunStatus

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
AT_WORK = RunningTrial(
    title="search 5",
    epoch=3,
    max_epochs=12,
    value=0.9132,
    started_at=NOW - timedelta(seconds=190),
    node="node1",
)


def status(**changes):
    values = {
        "name": "demo",
        "folder": Path("runs/demo"),
        "active": True,
        "total": 14,
        "counts": {"search": {"finished": 3, "stopped": 1}},
        "running": (RunningTrial(title="search 4"),),
        "best": BestTrial(metric="valid/mae", value=0.51239, number=2, key="abc"),
    }
    return RunStatus(**(values | changes))


def shown(monkeypatch, capsys, run):
    monkeypatch.setattr("search.status.run_status.run_status", lambda runs, name: run)
    assert execute(["status", "demo"]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_run_at_work_shows_its_counts_its_best_and_what_runs(monkeypatch, capsys):
    assert shown(monkeypatch, capsys, status()) == [
        "demo: 4 of 14 done, running, runs/demo",
        "  search: 3 finished, 1 stopped",
        "  best valid/mae 0.5124 (search 2, abc)",
        "  running: search 4  starting",
    ]


def test_a_search_with_several_seeds_shows_its_configurations(monkeypatch, capsys):
    run = status(
        configurations=Configurations(seeds=3, complete=1, begun=3, total=4, given_up=2),
        best=BestTrial(metric="valid/mae", value=0.51239, number=2, key="abc", seeds=3),
    )
    assert shown(monkeypatch, capsys, run)[1:4] == [
        "  search: 3 finished, 1 stopped",
        "    3 configurations of at most 4 begun: 1 complete (finished with all 3 seeds), "
        "2 given up",
        "  best valid/mae 0.5124 (mean over 3 seeds, search 2, abc)",
    ]


def test_a_trial_that_takes_long_to_begin_says_what_it_does(monkeypatch, capsys):
    trial = RunningTrial(title="search 4", stage="computing text states", node="node1")
    *_, line = shown(monkeypatch, capsys, status(running=(trial,)))
    assert line == "  running: search 4  computing text states, on node1"


def test_what_the_winner_of_the_search_keeps_is_shown_below_the_best(monkeypatch, capsys):
    lines = shown(monkeypatch, capsys, status(winner="The search's best was luck."))
    assert lines[3] == "  The search's best was luck."


def test_a_search_with_nothing_to_confirm_says_why_and_what_to_do(monkeypatch, capsys):
    nothing = Unconfirmed(trials=3, why="no trial of the search has finished", next_step="mend it")
    run = status(counts={"search": {"failed": 1}}, best=None, running=(), unconfirmed=nothing)
    assert shown(monkeypatch, capsys, run) == [
        "demo: 1 of 14 done, running, runs/demo",
        "  search: 1 failed",
        "  no trial of the search has finished",
    ]
    assert shown(monkeypatch, capsys, replace(run, active=False))[-1] == "  mend it"


def test_a_run_that_was_cut_off_says_that_the_next_run_goes_on(monkeypatch, capsys):
    lines = shown(monkeypatch, capsys, status(active=False))
    assert "not running" in lines[0]
    assert lines[-1] == "  cut off, continued by the next run: search 4"


def test_a_search_with_several_objectives_shows_its_pareto_set(monkeypatch, capsys):
    values = {"valid/mae": 0.51239, "cost/parameters": 22_700_000}
    front = (ParetoTrial(number=2, key="abc", values=values),)
    assert "  pareto: valid/mae 0.51239, cost/parameters 22700000 (search 2, abc)" in shown(
        monkeypatch, capsys, status(pareto=front)
    )


def test_an_unknown_run_is_one_message_and_exit_code_2(tmp_path, capsys):
    assert execute(["status", "none", "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: no run 'none'")


@pytest.mark.parametrize("command", ["status", "report"])
def test_a_misspelt_run_is_answered_in_the_same_words(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "experiment.json").write_text('{"versions": []}')
    near = "did you mean demo? Expected"
    for name, meant in (("dmeo", near), ("runs/demo", near), ("./a/demo", near), ("x", "expected")):
        assert execute([command, name, "--runs", str(tmp_path)]) == 2
        assert capsys.readouterr().err.startswith(
            f"error: no run {name!r} in {tmp_path}; {meant} one of: demo; "
        )
    (tmp_path / "runs").mkdir()
    (tmp_path / "demo").rename(tmp_path / "runs" / "demo")
    monkeypatch.chdir(tmp_path)
    assert execute([command, "demo", "--runs", "."]) == 2
    assert "no run 'demo' in .; did you mean --runs runs? Expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [["status"], ["report"], ["status", "demo"], ["report", "demo"], ["report", "a", "b"]],
)
def test_a_folder_of_runs_that_is_not_there_is_an_error(tmp_path, capsys, command):
    assert execute([*command, "--runs", str(tmp_path / "rums")]) == 2
    error = capsys.readouterr().err
    assert error.count(f"there is no folder {tmp_path / 'rums'}; expected a folder of runs; ") == 1
    assert len(error.splitlines()) == 1


def test_an_empty_folder_of_runs_has_a_status(tmp_path, capsys):
    assert execute(["status", "--runs", str(tmp_path)]) == 0
    assert "no runs in" in capsys.readouterr().out


def test_a_damaged_run_hides_no_other(tmp_path, capsys):
    for name, text in (("a-damaged", "{"), ("begun", '{"versions": []}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "experiment.json").write_text(text)
    assert execute(["status", "--runs", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("begun: 0 of 0 done")
    assert "a-damaged" in shown.err


def lines(**changes):
    return list(status_lines(status(**changes), NOW))


def test_a_running_trial_shows_its_epoch_its_value_its_time_and_its_node():
    assert (
        "  running: search 5  epoch 3 of 12  valid/mae 0.9132  for 3 min 10 s, on node1"
        in lines(running=(AT_WORK,))
    )


def test_a_trial_that_was_cut_off_shows_how_far_it_is():
    assert lines(running=(AT_WORK,), active=False)[-1] == (
        "  cut off, continued by the next run: search 5  epoch 3 of 12  valid/mae 0.9132"
    )


def test_failed_trials_say_why_and_the_sixth_is_counted():
    failed = tuple(FailedTrial(title=f"search {n}", kind="oom", message="none") for n in range(6))
    shown = [line for line in lines(failed=failed) if "fail" in line]
    assert shown[0] == "  failed: search 0  oom: none"
    assert shown[5:] == ["  1 more failed trial, in the report: sugrm-search report demo"]
    (*_, last) = lines(failed=failed, folder=Path("other/demo"))
    assert last.endswith("sugrm-search report demo --runs other")


def test_a_budget_and_the_time_left_are_shown_where_they_are_known():
    usage = Usage(seconds=5400, trials=5, epochs=40)
    shown = lines(usage=usage, budget={"hours": 12.0, "epochs": 100}, seconds_left=750.0)
    assert shown[-2:] == [
        "  budget: 1.50 of 12 hours, 40 of 100 epochs",
        "  about 12 min 30 s left",
    ]
    assert not any("budget" in line or "left" in line for line in lines())


def test_trials_of_earlier_versions_of_the_space_are_counted(monkeypatch, capsys):
    lines = shown(monkeypatch, capsys, status(left_out=3))
    assert "  left out: 3 trials of an earlier space, data or code" in lines


def states_of_a_run_that_ends(monkeypatch):
    states = iter([status(), status(running=(AT_WORK,)), status(active=False, running=())])
    monkeypatch.setattr("search.status.run_status.run_status", lambda runs, name: next(states))
    waits = []
    monkeypatch.setattr("search.cli.display.watching.time.sleep", waits.append)
    return waits


def test_watching_shows_each_state_until_the_run_ends(monkeypatch, capsys):
    waits = states_of_a_run_that_ends(monkeypatch)
    assert execute(["status", "demo", "--watch", "--every", "2"]) == 0
    looks = capsys.readouterr().out.split("\n\n")
    assert [look.splitlines()[0] for look in looks] == [
        "demo: 4 of 14 done, running, runs/demo",
        "demo: 4 of 14 done, running, runs/demo",
        "demo: 4 of 14 done, not running, runs/demo",
    ]
    assert waits == [2.0, 2.0]


def test_on_a_terminal_the_last_state_stays(monkeypatch, capsys):
    states_of_a_run_that_ends(monkeypatch)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert execute(["status", "demo", "--watch"]) == 0
    drawn = capsys.readouterr().out
    assert "\x1b[" in drawn  # drawn in place
    assert drawn.rindex("not running") > drawn.rindex("4 of 14 done, running")


def test_watching_a_run_that_has_ended_shows_it_once(monkeypatch, capsys):
    run = status(active=False, running=())
    monkeypatch.setattr("search.status.run_status.run_status", lambda runs, name: run)
    assert execute(["status", "demo", "-w"]) == 0
    assert capsys.readouterr().out.count("demo: 4 of 14 done") == 1


def test_looking_more_often_than_twice_a_second_is_refused(capsys):
    assert execute(["status", "--watch", "--every", "0"]) == 2
    assert "--every" in capsys.readouterr().err
