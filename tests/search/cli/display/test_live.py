import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from search.cli.display.live import LiveView, panel
from search.cli.display.output import OutputLostError
from search.cli.display.run_state import RunState
from search.errors import RunTerminated
from search.events import (
    EpochDone,
    PlanReady,
    Progress,
    RunEnded,
    TrialEnded,
    TrialName,
    TrialStarted,
    WorkersStarting,
)

NAME = TrialName(phase="search", number=3, seed=1, key="k")


def drawn(*events, width=100, height=25):
    stream = io.StringIO()
    xterm = {"TERM": "xterm"}  # whatever terminal the tests run in
    console = Console(
        file=stream,
        force_terminal=True,
        width=width,
        height=height,
        color_system=None,
        _environ=xterm,
    )
    with LiveView(console) as view:
        for event in events:
            view(event)
    return stream.getvalue()


PLAN = PlanReady(
    name="demo",
    folder=Path("runs/demo"),
    progress=Progress(total=2),
    objective="valid/mae",
    mode="min",
    concurrency=1,
)
HERE = "workers on this machine"
STARTED = TrialStarted(name=NAME, changes={}, progress=Progress(total=2, running=1))
EPOCH = EpochDone(
    name=NAME, epoch=2, max_epochs=5, seconds=1.0, train_loss=1.0, valid={"mae": 0.75}
)
ENDED = TrialEnded(
    name=NAME,
    status="finished",
    epochs=5,
    value=0.7,
    seconds=5.0,
    is_best=True,
    progress=Progress(total=2, finished=1),
)


def test_a_running_trial_shows_its_epoch_and_value():
    assert "search 3  epoch 2 of 5  valid/mae 0.7500" in drawn(PLAN, STARTED, EPOCH)


def test_a_trial_that_has_started_but_ended_no_epoch_is_starting():
    assert "search 3  starting" in drawn(PLAN, STARTED)


def test_the_panel_counts_names_the_best_and_the_time_left():
    shown = drawn(PLAN, STARTED, EPOCH, EPOCH, ENDED)
    assert "1 of 2 done: 1 finished, 0 stopped, 0 failed" in shown
    assert "best valid/mae 0.7000 (search 3)" in shown
    assert "left" in shown


def test_the_end_shows_no_time_left():
    end = RunEnded(progress=Progress(total=2, finished=1), interrupted=True, seconds=5.0)
    counts, prospect = drawn(PLAN, ENDED, end).splitlines()[-3:-1]
    assert "1 of 2 done" in counts
    assert prospect == "best valid/mae 0.7000 (search 3)"


def test_before_the_plan_is_known_the_data_are_checked_then_the_workers_start():
    assert "checking the data" in drawn()
    assert "starting workers on this machine" in drawn(WorkersStarting(where=HERE))


def started(count):
    names = [
        TrialName(phase="ablation", group="modules", cell=f"a long name {n}", seed=1111, key=f"{n}")
        for n in range(count)
    ]
    progress = Progress(total=30, running=count)
    return [TrialStarted(name=name, changes={}, progress=progress) for name in names]


def shown(*events, width, height):
    """Return the lines of the panel after the events."""
    state = RunState()
    for event in events:
        state.update(event)
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None)
    console.print(panel(state, console))
    return console.file.getvalue().splitlines()


def test_of_more_trials_than_lines_the_first_are_named_and_the_counts_stay():
    """Ten lines: six of trials, the bar, the counts, the prospect, and one for the cursor."""
    lines = shown(PLAN, *started(20), width=100, height=10)
    assert len(lines) == 9
    assert lines[4] == "modules/a long name 4 seed 1111  starting"
    assert lines[5] == "15 more running"
    assert lines[7].startswith("0 of 30 done")


def test_as_many_trials_as_lines_are_all_named():
    lines = shown(PLAN, *started(6), width=100, height=10)
    assert not any("more running" in line for line in lines)
    assert len(lines) == 9


def test_a_narrow_terminal_gets_short_titles_and_whole_epochs():
    (start,) = started(1)
    epoch = replace(EPOCH, name=start.name)
    lines = shown(PLAN, start, epoch, width=50, height=10)
    assert lines[0] == "modules… seed 1111  epoch 2 of 5  valid/mae 0.7500"
    assert max(map(len, lines)) <= 50


def test_a_stopped_trial_says_why_where_it_was_not_the_scheduler():
    stopped = replace(ENDED, status="stopped", is_best=False, message="hopeless: no gain")
    assert "5 epochs, 5 s  hopeless: no gain" in drawn(PLAN, STARTED, stopped, width=120)


def test_a_narrow_panel_keeps_its_counts_and_the_best():
    shown = drawn(PLAN, STARTED, EPOCH, ENDED, width=30)
    assert "1 finished, 0" in shown
    assert "stopped, 0 failed" in shown
    assert "0.7000" in shown


def test_a_terminal_that_has_gone_hides_no_error(monkeypatch):
    def lose(live):
        raise OutputLostError

    view = LiveView(Console(file=io.StringIO()))
    monkeypatch.setattr("rich.live.Live.start", lambda live: None)
    monkeypatch.setattr("rich.live.Live.stop", lose)
    with pytest.raises(RunTerminated), view:
        raise RunTerminated
