"""What is left to compute is said before the run as the run then finds it."""

import json
import shutil

import pytest

from reports.ledger.schema import CONFIRM, SEARCH
from search.ledger import record_utterances
from search.plan import build_plan
from tests.parametrise import mostly_slow

BASE = ("search.trials=8", "experiment.objective.labels={name: none}")
RATE = "search.parameters.training.learning_rate.others={low: LOW, high: HIGH, log: true}"
CELLS = "ablations.modules={baseline: {}, remove MRM: {model.recalibration: none}"

EXACT = {
    "nothing": (),
    "more trials are dropped to fewer": ("search.trials=3",),
    "a new seed of the cells": ("seeds=[1, 2, 3]",),
    "a seed less": ("seeds=[1]",),
    "other seeds of the confirmation": ("confirm.seeds=[3, 4]",),
    "one other seed of the confirmation": ("confirm.seeds=[1, 3]",),
    "more configurations confirmed": ("confirm.top=3",),
    "a new cell": (CELLS + ", linear: {objective.loss: huber}}",),
    "a cell less": ("ablations.modules={baseline: {}}",),
    "another objective": ("search.objective={metric: valid/corr}",),
    "another scheduler": ("search.scheduler={name: asha, min_epochs: 1, reduction: 2}",),
    "another sampler": ("search.sampler.name=random",),
    "a wider range": (RATE.replace("LOW", "1.0e-5").replace("HIGH", "1.0e-1"),),
    "another choice": ("search.parameters.objective.loss={choice: [l1, l2, huber]}",),
    "another starting point": ("search.start=[{training.learning_rate.others: 0.005}]",),
    "no search": ("search=", "confirm="),
}
"""Every trial that the search needs has been computed, so the count is known."""

QUICK = ("nothing", "a seed less", "a new cell", "another objective", "a wider range", "no search")

MORE = {"more trials are dropped to fewer": 5}
"""Trials of the search that the ledger holds beyond those that the space plans."""

AT_MOST = {
    "more epochs": ("experiment.training.max_epochs=3",),
    "another width": ("experiment.model.width=8",),
    "another training seed of the search": ("search.seed=8",),
    "more trials": ("search.trials=11",),
    "more trials and configurations": ("search.trials=9", "confirm.top=3"),
    "a narrower range": (RATE.replace("LOW", "1.0e-3").replace("HIGH", "1.0e-2"),),
    "a choice less": ("search.parameters.objective.loss={choice: [l1]}",),
    "a parameter less": (
        "search.parameters={training.learning_rate.others: {low: 1.0e-4, high: 1.0e-2, log: true}}",
    ),
    "two objectives": (
        "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]",
        "search.trials=9",
    ),
}
"""The search has trials to compute, so which configurations are confirmed is not known."""

QUICK_AT_MOST = ("another width", "more trials", "two objectives")


def phases(run):
    return [event.name.phase for event in run.named("TrialStarted")]


def named(found, phase):
    return sum(each == phase for each, _ in found.trials)


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory):
    """Where the first test that needs the finished run of ``BASE`` leaves it for the others."""
    return tmp_path_factory.mktemp("base") / "run"


@pytest.fixture
def finished(command, base_folder, tmp_path):
    """The run of ``BASE`` has been computed: it is copied, for it always is the same."""
    if not base_folder.exists():
        run = command(*BASE)
        assert run.controller.progress.done == run.controller.progress.total
        shutil.copytree(tmp_path / "run", base_folder)
    else:
        shutil.copytree(base_folder, tmp_path / "run")


@pytest.mark.slow
@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("change", mostly_slow(EXACT, quick=QUICK))
def test_what_is_left_after_a_change_is_what_the_run_computes(
    command, remaining, status_before, change
):
    found = remaining(*BASE, *EXACT[change])
    status = status_before(*BASE, *EXACT[change])
    run = command(*BASE, *EXACT[change])
    check_status(status, run)
    assert found.count == len(found.trials) == len(phases(run))
    assert SEARCH not in phases(run)
    planned = build_plan(run.space).total + MORE.get(change, 0)
    assert run.controller.progress.done == run.controller.progress.total == planned
    check_done(run, remaining, *BASE, *EXACT[change])


@pytest.mark.slow
@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize("change", mostly_slow(AT_MOST, quick=QUICK_AT_MOST))
def test_what_is_left_of_the_search_is_known_and_of_its_confirmation_at_most(
    command, remaining, status_before, change
):
    found = remaining(*BASE, *AT_MOST[change])
    status = status_before(*BASE, *AT_MOST[change])
    run = command(*BASE, *AT_MOST[change])
    check_status(status, run)
    computed = phases(run)
    assert named(found, SEARCH) + found.suggestions == computed.count(SEARCH)
    assert computed.count(CONFIRM) <= found.confirmations
    assert len(computed) <= found.count
    check_done(run, remaining, *BASE, *AT_MOST[change])


def check_status(status, run):
    """What ``status`` said before the run began is what the run found when it did."""
    assert (status.done, status.total) == (run.begun.done, run.begun.total)
    assert status.left_out == run.left_out
    assert set(status.warnings) <= {event.message for event in run.named("RunWarning")}
    assert bool(status.warnings) == any(
        "part of its plan" in each.message for each in run.named("RunWarning")
    )


def check_done(run, remaining, *overrides):
    """Everything is counted as done, and nothing is left."""
    assert run.controller.progress.done == run.controller.progress.total
    assert remaining(*overrides).count == 0


@pytest.mark.slow
@pytest.mark.usefixtures("finished")
def test_other_data_leave_everything_to_compute(command, remaining, status_before):
    found = remaining(*BASE, data="other ")
    status = status_before(*BASE, data="other ")
    run = command(*BASE, data="other ")
    check_status(status, run)
    assert status.done == 0
    assert found.count == len(phases(run)) == 14


@pytest.mark.slow
@pytest.mark.usefixtures("finished")
def test_an_earlier_space_is_found_whole(command, remaining):
    """The sampler suggests the same again, and the ledger answers."""
    command(*BASE, "experiment.model.width=8")
    found = remaining(*BASE)
    assert (found.count, phases(command(*BASE))) == (0, [])


@pytest.mark.slow
@pytest.mark.usefixtures("finished")
def test_trials_that_a_narrower_space_left_out_are_found_again(command, remaining):
    """Nothing was computed while it was narrower: of the search some trials have kept roles."""
    command(*BASE, "search.parameters.objective.loss={choice: [l1]}", "budget.trials=1")
    found = remaining(*BASE)
    assert (found.count, phases(command(*BASE))) == (0, [])


@pytest.mark.slow
def test_a_new_run_has_its_whole_plan_left(command, remaining):
    found = remaining(*BASE)
    assert (named(found, SEARCH), found.suggestions) == (1, 7)  # the fixed values come first
    assert found.count == len(phases(command(*BASE))) == 14


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", mostly_slow([0, 1, 9, 16, 19, 26], quick=[0, 16]))
def test_a_run_that_was_cut_off_has_the_rest_left(command, remaining, cut_off):
    run = command(*BASE, cut_off=cut_off)
    ended = len(run.ledger.trials)
    found = remaining(*BASE)
    assert found.count == 14 - ended == len(phases(command(*BASE)))


@pytest.mark.slow
def test_a_failed_cell_is_left_and_a_failed_suggestion_is_not(command, remaining):
    command(*BASE, fails={3: "crash", 14: "crash"})
    found = remaining(*BASE)
    assert [phase for phase, _ in found.trials] == ["ablation"]
    assert len(phases(command(*BASE))) == found.count == 1


@pytest.mark.slow
def test_a_cell_that_a_run_beside_has_finished_is_not_left(command, remaining, tmp_path):
    command(*BASE, folder="first")
    (tmp_path / "first" / "experiment.json").write_text('{"name": "first", "versions": []}')
    found = remaining(*BASE, folder="second")
    assert "ablation" not in [phase for phase, _ in found.trials]
    computed = phases(command(*BASE, folder="second"))
    assert computed == [SEARCH] * 8
    assert found.count == 10  # two confirmations, of which the other run may have none


@pytest.mark.slow
def test_the_run_and_its_dry_run_warn_of_the_same(command, remaining):
    command(*BASE)
    narrow = (*BASE, "search.parameters.objective.loss={choice: [l1]}")
    found = remaining(*narrow)
    run = command(*narrow)
    (line,) = [event.message for event in run.named("RunWarning")]
    assert found.warnings == (line,)
    left_out = len(run.ledger.trials.keys() - set(run.ledger.roles.values()))  # as status counts
    assert left_out > 1
    assert f"{left_out} recorded trials are not part of its plan now" in line


def test_a_trial_of_two_roles_that_is_left_out_is_one(command, remaining):
    """Two cells ask for the same trial; a cell of another name may ask for it again."""
    same = "ablations={one: {baseline: {}}, two: {baseline: {}}}"
    other = "ablations={one: {huber: {objective.loss: huber}}}"
    space = ("search=", "confirm=", "seeds=[1]", "experiment.objective.labels={name: none}")
    command(*space, same)
    assert remaining(*space, other).warnings == (
        "the space, its data or the code changed: 1 recorded trial is not part of its plan now; "
        "its row stays in the ledger, and a planned trial that equals one of the ledger is not run "
        "again",
    )
    assert remaining(*space, "ablations={three: {baseline: {}}}").warnings == ()


@pytest.mark.slow
def test_starting_points_that_find_no_room_are_said(command, remaining):
    command(*BASE)
    start = "search.start=[{}, {training.learning_rate.others: 0.005}]"
    found, run = remaining(*BASE, start), command(*BASE, start)
    line = (
        "1 starting point is not run: the search already has its 8 trials; raise search.trials to 9"
    )
    assert found.warnings == (line,)
    assert [event.message for event in run.named("RunWarning")] == [line]
    assert remaining("search.trials=9", BASE[1], start).warnings == ()


@pytest.mark.slow
def test_changed_data_are_said_as_by_the_run(command, remaining, tmp_path):
    command(*BASE)
    versions = [{"space": {}, "data": {"unaligned": "0123456789abcdef"}}]
    record = {"name": "run", "versions": versions}
    (tmp_path / "run" / "experiment.json").write_text(json.dumps(record))
    (line, _) = remaining(*BASE, data="other ").warnings
    assert line.startswith("the unaligned data changed since the last run of this name")


@pytest.mark.slow
def test_a_spent_budget_starts_nothing_and_the_dry_run_says_so(command, remaining):
    command(*BASE, "budget.trials=4")
    found = remaining(*BASE, "budget.trials=4")
    run = command(*BASE, "budget.trials=4")
    assert (found.count, found.spent, found.usage.trials, phases(run)) == (10, "trials", 4, [])
    more = remaining(*BASE, "budget.trials=6")
    assert (more.count, more.spent) == (10, None)
    assert len(phases(command(*BASE, "budget.trials=6"))) == 2


def test_a_trial_that_was_cut_off_goes_on_although_the_trials_are_spent(command, remaining):
    run = command(*BASE, cut_off=3)
    limit = f"budget.trials={len(run.ledger.trials) + 1}"
    found = remaining(*BASE, limit)
    assert (found.spent, found.continued) == (None, 1)
    assert len(phases(command(*BASE, limit))) == 1


@pytest.mark.slow
def test_damaged_files_that_the_run_sets_aside_are_said_before_it(command, remaining, tmp_path):
    command(*BASE, cut_off=3)
    (under_way,) = (tmp_path / "run" / "running").iterdir()
    under_way.write_text("{")
    (tmp_path / "run" / "spent.json").write_text("[]")
    part = tmp_path / "run" / "utterances" / "unaligned.parquet"
    part.parent.mkdir()
    part.write_bytes(b"PAR1")
    found, run = remaining(*BASE), command(*BASE)
    warned = [event.message for event in run.named("RunWarning")]
    warned += record_utterances(tmp_path / "run", [])
    for name in (f"running/{under_way.name}", "spent.json", "utterances/unaligned.parquet"):
        (before,) = [line for line in found.warnings if name in line]
        assert before.startswith("left out the damaged ")
        assert [line for line in warned if line.startswith(f"{name} cannot be read")]
    assert len(found.warnings) == len(warned) == 3
    assert found.count == len(phases(run))
