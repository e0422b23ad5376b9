"""A run of which every trial fails ends early; the made-up learner fails where a test says so."""

import pytest

from search.controller.run_summary import finish_run
from search.trials.protocol import OOM, Failure, Report

CRASH = Report(failure=Failure(kind="crash", message="no such device\nat line 3", traceback="t"))
ALL = dict.fromkeys(range(1, 100), "crash")
CELLS = ("search=", "confirm=", "seeds=[1, 2, 3, 4]")  # eight trials


def stopped_by_failures(run):
    return run.controller.gave_up, len(run.titles())


def test_five_failures_in_a_row_end_a_run_in_which_nothing_has_finished(command):
    run = command("search.trials=9", fails=ALL)
    assert stopped_by_failures(run) == (True, 5)
    assert run.named("RunWarning")[-1].message == (
        "5 trials in a row failed and none has finished (stop_after_failures: 5), so no other is "
        "started; the last one is search 4: crash: m"
    )


def test_failures_are_said_rather_than_a_budget_that_is_spent_with_them(command):
    run = command("search.trials=9", "budget.trials=5", fails=ALL)
    assert (run.controller.gave_up, run.controller.spent) == (True, None)
    assert "5 trials in a row failed" in run.named("RunWarning")[-1].message


def test_a_run_without_a_search_ends_too(command):
    assert stopped_by_failures(command(*CELLS, fails=ALL)) == (True, 5)


@pytest.mark.slow
def test_the_same_command_goes_on_and_counts_anew(command):
    """Of nine trials five have failed, and do so again; mended, all nine run."""
    command("search.trials=9", "ablations=", fails=ALL)
    again = command("search.trials=9", "ablations=", fails=ALL)
    assert stopped_by_failures(again) == (True, 5)
    mended = command("search.trials=9", "ablations=")
    assert stopped_by_failures(mended) == (False, 9 + 2)
    assert mended.titles()[:9] == [f"search {number}" for number in range(9)]
    assert {status for _, status, _ in mended.rows().values()} == {"finished"}


@pytest.mark.slow
@pytest.mark.parametrize("trials", [4, 9])
def test_a_search_that_failed_as_a_whole_runs_again_with_its_values(command, remaining, trials):
    space = (f"search.trials={trials}", "ablations=")
    failed = command(*space, fails=ALL)
    found = remaining(*space)
    mended = command(*space)
    assert found.count == len(mended.titles()) == trials + 2
    assert {title: row[0] for title, row in failed.rows().items()}.items() <= {
        title: row[0] for title, row in mended.rows().items()
    }.items()
    hears_again = command(*space)
    assert hears_again.titles() == []
    assert remaining(*space).count == 0
    studies = [run.study.trials for run in (mended, hears_again)]
    histories = [[(each.number, each.params, each.values) for each in study] for study in studies]
    assert histories[0] == histories[1]
    assert len(histories[0]) == trials


@pytest.mark.slow
def test_a_failed_trial_beside_a_finished_one_or_with_a_loss_of_nan_stands(command):
    beside = {1: "crash", 2: "crash", 3: "nan"}
    command("search.trials=3", "ablations=", fails=beside)
    assert command("search.trials=3", "ablations=").titles()[:3] == [
        "search 0",
        "search 1",
        "confirm 1 seed 1",
    ]
    command("search.trials=4", "ablations=", folder="other", fails=beside)
    assert command("search.trials=4", "ablations=", folder="other").titles() == []


def test_a_trial_that_fails_again_is_not_tried_a_third_time_by_a_cell(command):
    space = ("search.trials=1", "confirm=", "seeds=[7]", "stop_after_failures=0")
    first = command(*space, fails=ALL)
    assert len(command(*space, fails=ALL).titles()) == len(set(first.ledger.roles.values()))


@pytest.mark.parametrize(("limit", "expected"), [("1", 1), ("7", 7), ("0", 8)])
def test_the_limit_is_an_option(command, limit, expected):
    run = command(*CELLS, f"stop_after_failures={limit}", fails=ALL)
    assert stopped_by_failures(run) == (expected < 8, expected)


def test_the_limit_of_the_search_section_replaces_that_of_the_top_level(command):
    limits = ("stop_after_failures=7", "search.stop_after_failures=2")
    run = command("search.trials=9", *limits, fails=ALL)
    assert stopped_by_failures(run) == (True, 2)
    summary = finish_run(
        run.space, run.ledger, controller=run.controller, listen=run.events.append, seconds=1.0
    )
    assert summary.next_step.endswith("--set search.stop_after_failures=0 failures end no run")


def test_the_search_section_may_lift_the_limit(command):
    run = command("search.trials=7", "ablations=", "search.stop_after_failures=0", fails=ALL)
    assert stopped_by_failures(run) == (False, 7)


@pytest.mark.slow
def test_a_trial_that_finished_shows_that_trials_can(command):
    fails = {number: "crash" for number in range(1, 9) if number != 3}
    assert stopped_by_failures(command(*CELLS, fails=fails)) == (False, 8)
    more = command(*CELLS[:2], "seeds=[1, 2, 3, 4, 5, 6, 7, 8]", fails=ALL)
    assert not more.controller.gave_up


@pytest.mark.slow
def test_a_finished_trial_of_an_earlier_space_shows_nothing(command):
    command(*CELLS)
    run = command(*CELLS, "experiment.model.width=8", fails=ALL)
    assert stopped_by_failures(run) == (True, 5)


def test_a_plan_that_ends_with_its_fifth_failure_is_done(command):
    run = command(*CELLS[:2], "seeds=[1, 2]", "stop_after_failures=4", fails=ALL)
    assert stopped_by_failures(run) == (False, 4)


@pytest.fixture
def at_once(command):
    """Hand out trials one after the other, as a cluster with room for all of them would."""
    run = command(*CELLS, "stop_after_failures=2", cut_off=0)  # holds trial 0
    return run, run.controller


def test_trials_beside_the_failed_ones_are_waited_for(at_once):
    run, controller = at_once
    for number in "123":
        assert run.hand_out(number)
    controller.receive("0", CRASH, node="node")
    controller.receive("1", CRASH, node="node")
    assert run.hand_out("4") is None
    assert not controller.closing
    task = run.tasks["2"]
    for report in run.answers(task, 0):
        controller.receive("2", report, node="node")
    assert run.hand_out("4") is not None


def test_a_running_trial_past_its_first_epoch_shows_that_trials_can_be_trained(at_once):
    run, controller = at_once
    for number in "12":
        assert run.hand_out(number)
    task = run.tasks["2"]
    controller.receive("2", next(run.answers(task, 0)), node="node")
    controller.receive("0", CRASH, node="node")
    controller.receive("1", CRASH, node="node")
    assert run.hand_out("3") is not None
    controller.receive("2", CRASH, node="node")
    controller.receive("3", CRASH, node="node")
    assert run.hand_out("4") is None
    assert controller.gave_up
    assert controller.is_finished


def test_a_trial_that_is_tried_again_has_not_failed_yet(at_once):
    run, controller = at_once
    out_of_memory = Report(failure=Failure(kind=OOM, message="m", traceback="t"))
    controller.receive("0", out_of_memory, node="node")
    for number in "12":
        assert run.hand_out(number)
        controller.receive(number, out_of_memory if number == "1" else CRASH, node="node")
    assert run.hand_out("3") is None
    assert controller.gave_up
    assert [row.status for row in run.ledger.trials.values()] == ["failed"] * 2


def test_the_summary_says_why_and_how_to_go_on(command):
    run = command("search.trials=9", fails=ALL)
    summary = finish_run(
        run.space, run.ledger, controller=run.controller, listen=run.events.append, seconds=1.0
    )
    assert (summary.gave_up, summary.interrupted, summary.failed) == (True, True, 5)
    assert summary.next_step.startswith("fix the cause, then run the same command again: what")
