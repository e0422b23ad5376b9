from dataclasses import replace
from pathlib import Path

import pytest

from search.cli.display import wording
from search.cli.display.run_state import RunState
from search.events import (
    ComputedTrial,
    EpochDone,
    PlanReady,
    Progress,
    RunEnded,
    StageEntered,
    TrialEnded,
    TrialName,
    TrialReused,
    TrialStarted,
)


def plan(mode="min", total=4, **done):
    progress = Progress(total=total, **done)
    return PlanReady(
        name="demo",
        folder=Path("runs/demo"),
        progress=progress,
        objective="valid/mae",
        mode=mode,
        concurrency=2,
    )


def name(number=0, phase="search"):
    return TrialName(phase=phase, number=number, seed=1, key=f"{phase}{number}")


def ended(number=0, value=1.0, *, status="finished", phase="search", finished=1, is_best=False):
    return TrialEnded(
        name=name(number, phase),
        status=status,
        epochs=3,
        value=value,
        seconds=3.0,
        is_best=is_best,
        progress=Progress(total=4, finished=finished),
    )


def state_after(*events, clock=lambda: 0.0):
    state = RunState(clock)
    for event in events:
        state.update(event)
    return state


def test_the_best_of_several_seeds_is_the_best_mean_of_all_of_them():
    """A trial that is not the last of its configuration has no mean, however good it is."""
    ready = replace(plan(), seeds=2)
    lucky, first = ended(0, 0.1), replace(ended(1, 0.9), mean=0.7, is_best=True)
    second = replace(ended(2, 0.2), mean=0.8)
    assert state_after(ready, lucky).best is None
    state = state_after(ready, lucky, first, second)
    assert state.best == ("search 1, mean over 2 seeds", 0.7)
    assert "valid/mae 0.9000 (mean over the seeds 0.7000)" in wording.ended(first, "valid/mae")


@pytest.mark.parametrize(("value", "best"), [(0.4, "search 7"), (0.2, "search 0")])
def test_the_best_of_earlier_commands_counts(value, best):
    ready = replace(plan(), best=(7, 0.3))
    assert state_after(ready).best == ("search 7", 0.3)
    title, _ = state_after(ready, ended(0, value)).best
    assert title == best


def test_the_best_of_earlier_commands_is_a_mean_where_the_search_has_several_seeds():
    state = state_after(replace(plan(), seeds=2, best=(7, 0.3)))
    assert wording.best(state) == "best valid/mae 0.3000 (search 7, mean over 2 seeds)"


def test_a_started_trial_runs_until_it_ends():
    started = TrialStarted(name=name(), changes={}, progress=Progress(total=4, running=1))
    assert [running.title for running in state_after(plan(), started).running.values()] == [
        "search 0"
    ]
    assert not state_after(plan(), started, ended()).running


def test_a_stage_is_shown_until_the_first_epoch_has_ended():
    stage = StageEntered(name=name(), stage="computing text states")
    epoch = EpochDone(name=name(), epoch=1, max_epochs=9, seconds=1.0, train_loss=0.5, valid={})
    shown = [
        wording.trial_progress(state_after(plan(), *events).running[name()], "valid/mae")
        for events in ([stage], [stage, epoch])
    ]
    assert shown == ["computing text states", "epoch 1 of 9"]


def test_an_epoch_shows_the_objective_of_its_trial():
    epoch = EpochDone(
        name=name(), epoch=2, max_epochs=9, seconds=1.0, train_loss=0.5, valid={"mae": 0.7}
    )
    running = state_after(plan(), epoch).running[name()]
    assert (running.epoch, running.max_epochs, running.value) == (2, 9, 0.7)


@pytest.mark.parametrize(("mode", "expected"), [("min", "search 1"), ("max", "search 0")])
def test_the_best_follows_the_direction_of_the_objective(mode, expected):
    state = state_after(plan(mode), ended(0, 1.5), ended(1, 0.5), ended(2, 1.0))
    assert state.best[0] == expected


@pytest.mark.parametrize(
    "event",
    [
        ended(1, 0.1, status="stopped"),
        ended(1, 0.1, phase="ablation"),
        ended(1, None, status="failed"),
        ended(1, float("nan")),
    ],
)
def test_only_a_finished_trial_of_the_search_with_a_value_can_be_best(event):
    assert state_after(plan(), ended(0, 1.0), event).best == ("search 0", 1.0)


def test_a_trial_from_the_ledger_can_be_best():
    reused = TrialReused(
        name=name(3), status="finished", value=0.2, progress=Progress(total=4, finished=1)
    )
    assert state_after(plan(), reused).best == ("search 3", 0.2)


def epoch(number=0, phase="search"):
    return EpochDone(
        name=name(number, phase), epoch=1, max_epochs=9, seconds=1.0, train_loss=0.5, valid={}
    )


class Clock:
    """A clock that moves when it is moved."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def at(clock, now, state, *events):
    clock.now = now
    for event in events:
        state.update(event)


def started(number, progress=None):
    return TrialStarted(name=name(number), changes={}, progress=progress or Progress(total=4))


def end(number, *, finished, search_left):
    progress = Progress(total=4, finished=finished, search_left=search_left)
    return replace(ended(number), progress=progress)


@pytest.mark.parametrize(("before", "left"), [(0, 3), (2, 1)])
def test_time_left_is_the_pace_of_the_epochs_times_those_that_remain(before, left):
    """2.5 s an epoch, three epochs a trial; the workers' start and earlier trials do not count."""
    clock = Clock()
    state = RunState(clock)
    at(clock, 0.0, state, plan(finished=before), started(0))
    at(clock, 100.0, state, epoch())
    at(clock, 105.0, state, epoch(), epoch(), end(0, finished=before + 1, search_left=left))
    assert state.seconds_left() == pytest.approx(left * 3 * 2.5)


def test_time_left_subtracts_the_epochs_of_running_trials():
    """Two trials at once: five epochs of a second in the 10 s after the first one has ended."""
    clock = Clock()
    state = RunState(clock)
    at(clock, 0.0, state, plan(), started(0), started(1))
    at(clock, 100.0, state, epoch(0))
    at(clock, 101.0, state, epoch(1))
    at(clock, 105.0, state, epoch(0), epoch(0), started(2), end(0, finished=1, search_left=3))
    at(clock, 110.0, state, replace(epoch(1), epoch=2), replace(epoch(2), epoch=1))
    assert state.seconds_left() == pytest.approx(((3 - 2) + (3 - 1) + 3) * 10 / 5)


def test_epochs_that_a_continued_trial_reports_again_are_neither_shown_nor_speed():
    """It had three epochs before. Three epochs of a second end in 10 s, one is not done."""
    clock = Clock()
    state = RunState(clock)
    at(clock, 0.0, state, plan(), started(0), started(1))
    for number in (1, 2, 3):
        at(clock, 90.0, state, replace(epoch(1), epoch=number, is_repeated=True))
    assert wording.trial_progress(state.running[name(1)], "valid/mae") == "continuing"
    at(clock, 100.0, state, epoch(0))
    at(clock, 101.0, state, replace(epoch(1), epoch=4))
    assert wording.trial_progress(state.running[name(1)], "valid/mae") == "epoch 4 of 9"
    at(clock, 110.0, state, epoch(0), epoch(0), end(0, finished=1, search_left=3))
    computing = 3 + (110 - 101)
    assert state.seconds_left() == pytest.approx((3 + 3) * 10 / computing)  # the fifth is overdue


def test_time_left_of_many_workers_is_known_after_their_first_epochs():
    """Eight workers, epochs of 600 s, trials of one epoch: 75 s an epoch."""
    clock = Clock()
    state = RunState(clock)
    at(clock, 0.0, state, plan(total=64), *map(started, range(8)))
    for number in range(8):
        *events, end_of_it = one_epoch(number)
        next_one = started(8 + number, end_of_it.progress)
        at(clock, 600.0 + number, state, *events, end_of_it, next_one)
    assert state.seconds_left() == pytest.approx(56 * 75, rel=0.02)
    for number in range(8, 16):
        at(clock, 1200.0 + number - 8, state, *one_epoch(number))
    assert state.seconds_left() == pytest.approx(48 * 75, rel=0.02)


def one_epoch(number):
    progress = Progress(total=64, finished=number + 1, search_left=63 - number)
    last = replace(ended(number), epochs=1, seconds=600.0, progress=progress)
    return replace(epoch(number), seconds=600.0), last


SLOW, FAST = (
    TrialName(phase="ablation", group="modules", cell=cell, seed=1, key=cell)
    for cell in ("slow", "fast")
)


def slow_cell(clock, **options):
    """Return the state after a fast trial, when the slow one begins; ten fast ones are left."""
    state = RunState(clock)
    cells = {("modules", "slow"): 1, ("modules", "fast"): 10}
    left = Progress(total=12, finished=1, cells_left=cells)
    at(clock, 0.0, state, replace(plan(total=12), **options), replace(epoch(), name=FAST))
    at(clock, 2.0, state, *[replace(epoch(), name=FAST)] * 2)
    at(clock, 2.0, state, replace(ended(), name=FAST, progress=left))
    at(clock, 2.0, state, TrialStarted(name=SLOW, changes={}, progress=left))
    return state


@pytest.mark.parametrize("now", [42.0, 50.0, 70.0, 81.9])
def test_time_left_falls_while_a_slow_cell_computes_and_is_not_that_of_the_others(now):
    """One trial at a time: the slow cell takes 40 s an epoch, ten trials of the fast one 1 s."""
    clock = Clock()
    state = slow_cell(clock)
    at(clock, 42.0, state, replace(epoch(), name=SLOW, seconds=40.0, max_epochs=3))
    clock.now = now
    assert state.seconds_left() == pytest.approx(2 * 40 + 10 * 3 * 1 - (now - 42))


def test_time_left_does_not_rise_during_the_first_epoch_of_a_slow_cell():
    clock = Clock()
    state = slow_cell(clock)
    for clock.now in (3.0, 20.0, 41.0):
        assert state.seconds_left() == pytest.approx(11 * 3 * 1)


def test_what_earlier_commands_computed_tells_the_cost_of_a_slow_cell():
    clock = Clock()
    cost = {"phase": "ablation", "group": "modules", "cell": "slow", "status": "finished"}
    earlier = ComputedTrial(**cost, epochs=4, seconds=160.0)
    state = slow_cell(clock, computed=(earlier,))
    assert state.seconds_left() == pytest.approx(4 * 40 + 10 * 3 * 1)


def test_time_left_is_unknown_before_a_trial_has_ended():
    assert state_after(plan()).seconds_left() is None


def test_nothing_runs_after_the_end():
    started = TrialStarted(name=name(), changes={}, progress=Progress(total=4, running=1))
    end = RunEnded(progress=Progress(total=4), interrupted=True, seconds=1.0)
    assert not state_after(plan(), started, end).running
