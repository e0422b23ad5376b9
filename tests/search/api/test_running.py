"""``run_search``, with a run in place of Ray's."""

import logging

import pytest
import yaml

from reports.ledger.places.storage import place
from search import RunInterrupted, SearchError, SpaceError, load_space, run_search
from search.api.running import equivalent_command
from search.cli.display.plan_view import lines_before_run
from search.controller.run_summary import RunSummary
from search.errors import RunTerminated
from search.events import PlanReady, Progress, RunWarning
from tests.search.conftest import MINI


@pytest.fixture
def calls(monkeypatch):
    """Replace the run by one that sends two events; return what it was called with."""
    found = []

    def run_space(space, *, runs, listen, **options):
        found.append({"space": space, "runs": runs, **options})
        folder = runs / space.name
        progress = Progress(total=4, finished=3)
        listen(
            PlanReady(
                name=space.name,
                folder=folder,
                progress=progress,
                objective=None,
                mode=None,
                concurrency=2,
                gpus="no GPU",
            )
        )
        listen(RunWarning(message="a cell has no data"))
        return RunSummary(
            name=space.name,
            folder=folder,
            total=4,
            finished=4,
            stopped=0,
            failed=0,
            interrupted=space.name != "mini",
            seconds=2.0,
            spent="hours" if space.name == "spent" else None,
        )

    monkeypatch.setattr("search.run.run_space", run_space)
    return found


@pytest.mark.slow
def test_a_space_a_path_and_a_dict_are_run(calls, mini_file, tmp_path):
    for space in (mini_file, str(mini_file), yaml.safe_load(MINI), load_space(mini_file)):
        result = run_search(space, runs=tmp_path, concurrency=2, address="auto")
        assert calls[-1]["space"].to_dict() == load_space(mini_file).to_dict()
        assert (calls[-1]["concurrency"], calls[-1]["address"]) == (2, "auto")
        assert result.folder == tmp_path / "mini"
        assert result.summary.finished == 4


def test_runs_are_in_the_folder_runs_unless_another_is_named(calls, mini_file, usual_runs):
    run_search(mini_file)
    run_search(mini_file, runs="elsewhere")
    assert [str(call["runs"]) for call in calls] == ["runs", "elsewhere"]


def test_warnings_are_logged_and_nothing_is_printed(calls, mini_file, tmp_path, capsys, caplog):
    with caplog.at_level(logging.WARNING, logger="search"):
        run_search(mini_file, runs=tmp_path)
    assert [record.getMessage() for record in caplog.records] == ["a cell has no data"]
    assert capsys.readouterr().out == ""


def test_progress_prints_the_lines_of_the_command_line(calls, mini_file, usual_runs, capsys):
    run_search(mini_file, progress=True)
    assert capsys.readouterr().out.splitlines() == [
        *lines_before_run(load_space(mini_file), []),
        "3 of 4 done: 3 finished, 0 stopped, 0 failed in the ledger",
        "2 trials at once, no GPU",
        "warning: a cell has no data",
        "mini is done in 2 s: 4 trials, 4 finished, 0 stopped early, 0 failed",
        "  tables:       sugrm-search report mini",
        "  TensorBoard:  tensorboard --logdir runs/mini/tensorboard",
    ]


def test_a_listener_gets_every_event_with_and_without_progress(calls, mini_file, tmp_path, capsys):
    events = []
    run_search(mini_file, runs=tmp_path, listen=events.append)
    assert capsys.readouterr().out == ""
    run_search(mini_file, runs=tmp_path, listen=events.append, progress=True)
    assert "warning: a cell has no data" in capsys.readouterr().out
    assert [type(event).__name__ for event in events] == ["PlanReady", "RunWarning"] * 2


def test_a_run_that_ctrl_c_ended_raises_what_to_do(calls, mini_file, tmp_path):
    space = load_space(mini_file, overrides=["name=other"])
    with pytest.raises(RunInterrupted) as caught:
        run_search(space, runs=tmp_path)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert str(caught.value) == (
        "other was interrupted: call run_search again, and its trials go on from their last "
        f"checkpoints; open_results('{tmp_path}/other') reads what has ended"
    )


def test_a_second_ctrl_c_says_the_same_without_the_traceback_of_ray(
    mini_file, tmp_path, monkeypatch
):
    def run_space(space, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("search.run.run_space", run_space)
    with pytest.raises(RunInterrupted, match=r"mini was ended at once: call run_search") as caught:
        run_search(mini_file, runs=tmp_path)
    assert caught.value.__suppress_context__


def test_a_signal_that_ends_a_run_is_passed_on(mini_file, tmp_path, monkeypatch):
    def run_space(space, **options):
        raise RunTerminated

    monkeypatch.setattr("search.run.run_space", run_space)
    with pytest.raises(RunTerminated):
        run_search(mini_file, runs=tmp_path)


def test_a_run_that_its_budget_ended_is_returned(calls, mini_file, tmp_path):
    space = load_space(mini_file, overrides=["name=spent"])
    assert run_search(space, runs=tmp_path).summary.spent == "hours"


def test_a_copy_of_a_space_with_other_values_is_checked_and_recorded_as_it_is(
    calls, mini_file, usual_runs
):
    space = load_space(mini_file).model_copy(update={"seeds": (5,)})
    run_search(space)
    assert calls[-1]["space"].seeds == (5,)
    assert calls[-1]["command"] == "sugrm-search run runs/mini/space.yaml"
    with pytest.raises(SpaceError, match="the space: name: not a valid folder name"):
        run_search(space.model_copy(update={"name": "BAD NAME"}))
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"listen": 5}, "listen is 5; expected a function that takes an event, or None"),
        ({"address": 5}, "address is 5; expected text, as 'auto' or 'HOST:PORT'"),
    ],
)
def test_an_option_of_a_wrong_kind_is_refused(calls, mini_file, tmp_path, option, message):
    with pytest.raises(SearchError) as caught:
        run_search(mini_file, runs=tmp_path, **option)
    assert str(caught.value) == message
    assert calls == []


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [0, -1, 1.5, True, "2"])
def test_a_concurrency_below_one_is_refused(calls, mini_file, tmp_path, concurrency):
    with pytest.raises(SearchError, match=r"concurrency is .*; expected .* from 1 on, or None"):
        run_search(mini_file, runs=tmp_path, concurrency=concurrency)
    assert calls == []


def test_a_file_as_the_folder_of_runs_is_refused(calls, mini_file):
    with pytest.raises(SearchError, match=r"runs is .*mini.yaml, a file; expected a folder"):
        run_search(mini_file, runs=mini_file)


def test_a_space_with_a_fault_is_refused_before_anything_starts(calls, tmp_path):
    with pytest.raises(SpaceError, match="the space: nam: unknown key"):
        run_search({**yaml.safe_load(MINI), "nam": "x"}, runs=tmp_path)
    assert calls == []


def command(space, runs, **options):
    given = {"address": None, "concurrency": None, **options}
    return equivalent_command(space, place(runs), **given)


@pytest.mark.slow
def test_the_recorded_command_repeats_the_run_from_the_command_line():
    space = load_space("demo", overrides=["search.trials=3"])
    assert command(space, "runs") == "sugrm-search run demo --set search.trials=3"
    assert command(space, "my runs", address="auto", concurrency=2) == (
        "sugrm-search run demo --set search.trials=3 --runs 'my runs' --address auto "
        "--concurrency 2"
    )
    mosi = load_space("mosi", data=["unaligned=a.pkl"])
    assert command(mosi, "runs") == "sugrm-search run mosi --data unaligned=a.pkl"


def test_a_dict_is_repeated_from_the_file_that_its_run_writes():
    space = load_space(yaml.safe_load(MINI), overrides=["seeds=[1]"])
    assert command(space, "runs") == "sugrm-search run runs/mini/space.yaml --set 'seeds=[1]'"


def test_a_dict_in_an_object_store_has_no_command(s3):
    space = load_space(yaml.safe_load(MINI))
    assert command(space, s3) == ""
