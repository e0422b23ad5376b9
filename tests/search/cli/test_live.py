import io
from pathlib import Path

from rich.console import Console

from search.cli.live import LiveView
from search.events import (
    EpochDone,
    PlanReady,
    Progress,
    RunEnded,
    TrialEnded,
    TrialName,
    TrialStarted,
)

NAME = TrialName(phase="search", number=3, seed=1, key="k")


def drawn(*events):
    stream = io.StringIO()
    xterm = {"TERM": "xterm"}  # whatever terminal the tests run in
    console = Console(
        file=stream, force_terminal=True, width=100, color_system=None, _environ=xterm
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


def test_the_panel_counts_names_the_best_and_tells_the_time_left():
    shown = drawn(PLAN, STARTED, EPOCH, ENDED)
    assert "1 of 2 done: 1 finished, 0 stopped, 0 failed" in shown
    assert "best valid/mae 0.7000 (search 3)" in shown
    assert "left" in shown


def test_the_end_shows_no_time_left():
    end = RunEnded(progress=Progress(total=2, finished=1), interrupted=True, seconds=5.0)
    counts, prospect = drawn(PLAN, ENDED, end).splitlines()[-3:-1]
    assert "1 of 2 done" in counts
    assert prospect == "best valid/mae 0.7000 (search 3)"


def test_before_the_plan_is_known_the_workers_are_starting():
    assert "starting the workers" in drawn()
