import io
from pathlib import Path

from search.cli.display.lines import Lines
from search.events import (
    EpochDone,
    PlanReady,
    Progress,
    RunWarning,
    TrialEnded,
    TrialName,
    TrialReused,
    TrialStarted,
)

NAME = TrialName(phase="ablation", group="modules", cell="remove MRM", seed=7, key="k")
PROGRESS = Progress(total=5, finished=1, running=1)


def written(*events, clock=lambda: 0.0):
    stream = io.StringIO()
    with Lines(stream, clock) as lines:
        for event in events:
            lines(event)
    return stream.getvalue()


def plan(progress, resumed=0, restarted=0):
    return PlanReady(
        name="demo",
        folder=Path("runs/demo"),
        progress=progress,
        objective="valid/mae",
        mode="min",
        concurrency=2,
        resumed=resumed,
        restarted=restarted,
    )


def ended(**changes):
    values = {
        "name": NAME,
        "status": "finished",
        "epochs": 3,
        "value": 0.81234,
        "seconds": 75.0,
        "is_best": False,
        "progress": PROGRESS,
    }
    return TrialEnded(**(values | changes))


def test_an_ended_trial_is_one_line_with_its_value_epochs_and_time():
    assert " ".join(written(ended()).split()) == (
        "modules/remove MRM seed 7 finished valid/mae 0.8123 3 epochs, 1 min 15 s"
    )


def test_a_failed_trial_names_its_kind_and_message():
    line = written(ended(status="failed", value=None, failure="oom", message="out of memory"))
    assert line.endswith("failed    oom: out of memory\n")


def test_a_trial_from_the_ledger_says_so():
    reused = TrialReused(name=NAME, status="stopped", value=1.0, progress=PROGRESS)
    assert written(reused).endswith("stopped   valid/mae 1.0000  already in the ledger\n")


def test_a_fresh_run_starts_without_a_word_about_the_ledger():
    assert written(plan(Progress(total=5))) == ""


def test_a_continued_run_names_what_is_done_and_what_is_continued():
    assert written(plan(Progress(total=5, finished=1, failed=1), resumed=1, restarted=2)) == (
        "2 of 5 done: 1 finished, 0 stopped, 1 failed in the ledger; "
        "1 trial cut off, continued from the checkpoint; 2 trials cut off in the first epoch, "
        "started again\n"
    )


def test_warnings_are_lines():
    assert written(RunWarning(message="part set aside")) == "warning: part set aside\n"


def test_progress_is_written_at_most_every_half_minute():
    epoch = EpochDone(name=NAME, epoch=1, max_epochs=9, seconds=1.0, train_loss=1.0, valid={})
    times = {"now": 0.0}
    stream = io.StringIO()
    with Lines(stream, lambda: times["now"]) as lines:
        for times["now"] in (10.0, 29.0, 31.0, 40.0, 62.0):
            lines(epoch)
    assert stream.getvalue().count("progress:") == 2


def test_progress_names_the_epoch_of_each_running_trial():
    """With slow epochs this line is all that is seen for a long time."""
    other = TrialName(phase="search", number=3, seed=1, key="o")
    times = {"now": 0.0}
    stream = io.StringIO()
    with Lines(stream, lambda: times["now"]) as lines:
        lines(plan(Progress(total=5)))
        for name in (NAME, other):
            lines(TrialStarted(name=name, changes={}, progress=Progress(total=5, running=2)))
        times["now"] = 40.0
        valid = {"mae": 0.9132}
        lines(
            EpochDone(name=NAME, epoch=4, max_epochs=50, seconds=1.0, train_loss=1.0, valid=valid)
        )
    assert stream.getvalue() == (
        "progress: 0 of 5 done: 0 finished, 0 stopped, 0 failed; "
        "modules/remove MRM seed 7 epoch 4 of 50  valid/mae 0.9132, search 3 starting\n"
    )


def test_progress_names_a_few_of_many_running_trials():
    times = {"now": 0.0}
    stream = io.StringIO()
    with Lines(stream, lambda: times["now"]) as lines:
        lines(plan(Progress(total=9)))
        times["now"] = 40.0
        for number in range(6):
            name = TrialName(phase="search", number=number, seed=1, key=str(number))
            lines(TrialStarted(name=name, changes={}, progress=Progress(total=9, running=6)))
        lines(EpochDone(name=name, epoch=1, max_epochs=2, seconds=1.0, train_loss=1.0, valid={}))
    assert stream.getvalue().endswith("search 2 starting, search 3 starting, 2 more\n")
