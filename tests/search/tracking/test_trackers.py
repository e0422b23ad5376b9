"""What a run tells its trackers: in order, once, also after a kill or without a tracker before."""

import pytest

import reports
from reports import report_of
from search.cli.main import execute
from search.errors import SearchError
from search.open_run import _recorded_space
from search.space.reading import load_space
from search.tracking import packages, trackers
from search.tracking.packages import check_installed
from search.tracking.report_page import write_page
from tests.search.tracking.recording import RecordingTracker, closed

MLFLOW = ("tracking=[mlflow]",)


@pytest.fixture
def calls(monkeypatch):
    """The calls that a tracker in the place of MLflow gets, of all commands of a test."""
    made = []
    shown = set()

    class Remembering(RecordingTracker):
        def end_trial(self, trial):
            super().end_trial(trial)
            shown.add(trial.key)

        def lacking(self, keys):
            return [key for key in keys if key not in shown]

    monkeypatch.setattr(trackers, "maker", lambda name: lambda run: Remembering(made))
    monkeypatch.setattr(trackers, "write_page", quick_page)
    return made


def quick_page(run, folder):
    """Write a page in the place of a report, which takes seconds."""
    page = folder / "report.html"
    page.write_text("<html>", encoding="utf-8")
    return page


def keys(calls, kind):
    return [call[1] for call in calls if call[0] == kind]


@pytest.mark.slow
def test_every_trial_starts_has_its_epochs_and_ends(command, calls):
    run = closed(command(*MLFLOW))
    assert keys(calls, "start") == keys(calls, "end") == list(run.ledger.trials)
    for key, row in run.ledger.trials.items():
        epochs = [n for call in calls if call[:2] == ("epochs", key) for n in call[2]]
        assert epochs == list(range(1, row.epochs + 1))
    assert calls[-2:] == [("report", True), ("close", True)]


@pytest.mark.slow
def test_tensorboard_is_the_default_and_can_be_left_out(command, tmp_path):
    assert (command().folder / "tensorboard").is_dir()
    assert not (command("tracking=[]", folder="without").folder / "tensorboard").exists()


@pytest.mark.slow
def test_a_continued_run_sends_what_was_lost_with_the_kill(command, calls):
    """The first command has no tracker at all, as one whose server was away."""
    killed = command("tracking=[]", cut_off=5)
    before = list(killed.ledger.trials)
    assert before
    run = closed(command(*MLFLOW))
    ended = keys(calls, "end")
    assert sorted(ended) == sorted(run.ledger.trials)
    assert set(ended[: len(before)]) == set(before)
    assert len(ended) == len(set(ended))


@pytest.mark.slow
def test_what_a_tracker_has_is_not_sent_again(command, calls):
    closed(command(*MLFLOW))
    del calls[:]
    closed(command(*MLFLOW))
    assert calls == [("report", True), ("close", True)]


@pytest.mark.slow
def test_a_tracker_that_fails_changes_no_result(command, monkeypatch):
    def broken(run):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(trackers, "maker", lambda name: broken)
    monkeypatch.setattr(trackers, "write_page", quick_page)
    run = closed(command(*MLFLOW))
    assert run.rows() == command("tracking=[]", folder="plain").rows()
    lines = [event.message for event in run.named("RunWarning") if "MLflow" in event.message]
    assert len(lines) == 2
    assert "no route to host" in lines[0]


@pytest.mark.slow
def test_a_report_that_cannot_be_made_is_a_warning(command, calls, monkeypatch):
    def broken(run, folder):
        raise ValueError("no table")

    monkeypatch.setattr(trackers, "write_page", broken)
    run = closed(command(*MLFLOW))
    assert calls[-1] == ("close", True)
    assert keys(calls, "report") == []
    (line,) = [event.message for event in run.named("RunWarning") if "report" in event.message]
    assert line == "the trackers get no report: no table"


@pytest.mark.slow
def test_the_page_for_trackers_holds_no_transcripts(command, tmp_path, monkeypatch):
    """The texts of a corpus may not be given away, and a server may be open to others."""
    choices = []

    def remember(results, choice):
        choices.append(choice)
        return report_of(results, choice)

    monkeypatch.setattr(reports, "report_of", remember)
    page = write_page(command().folder, tmp_path)
    assert page == tmp_path / "report.html"
    assert "leaderboard" in page.read_text(encoding="utf-8").lower()
    assert [choice.with_text for choice in choices] == [False]


def test_without_a_trial_there_is_no_page(command, tmp_path):
    run = command(cut_off=0)
    (run.folder / "trials").mkdir(exist_ok=True)
    assert write_page(run.folder, tmp_path) is None


@pytest.mark.slow
def test_tracking_changes_no_key_and_is_no_part_of_the_recorded_space(command):
    plain, tracked = command(), command("tracking=[]", folder="tracked")
    assert plain.rows() == tracked.rows()
    assert "tracking" not in _recorded_space(tracked.space)
    assert _recorded_space(tracked.space) == _recorded_space(plain.space)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["mlflow"],
            "tracking asks for mlflow, which is not installed; pip install 'sugrm-search[mlflow]', "
            "or leave it out of tracking",
        ),
        (
            ["wandb", "tensorboard", "mlflow"],
            "tracking asks for wandb and mlflow, which are not installed; pip install "
            "'sugrm-search[wandb,mlflow]', or leave them out of tracking",
        ),
    ],
)
def test_a_missing_package_is_one_message(monkeypatch, names, message):
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SearchError) as refused:
        check_installed(names)
    assert str(refused.value) == message


def test_a_run_without_the_package_ends_before_anything_starts(
    monkeypatch, capsys, tmp_path, mini_file
):
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    runs = tmp_path / "runs"
    assert execute(["run", str(mini_file), "--runs", str(runs), "--track", "mlflow"]) == 2
    assert "pip install 'sugrm-search[mlflow]'" in capsys.readouterr().err
    assert not runs.exists()


def test_an_unknown_tracker_of_the_command_line_is_refused(capsys, mini_file):
    assert execute(["run", str(mini_file), "--track", "mlflw"]) == 2
    assert (
        "got 'mlflw'; expected one of tensorboard, mlflow, wandb, optuna" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[mlflw]", "did you mean mlflow?"),
        ("[mlflow, mlflow]", "a tracker is listed twice"),
        ("mlflow", "expected a list"),
    ],
)
def test_a_wrong_list_of_trackers_is_refused(given, message):
    with pytest.raises(SearchError, match="tracking") as refused:
        load_space("spaces/demo.yaml", overrides=[f"tracking={given}"])
    assert message in str(refused.value)


@pytest.mark.slow
def test_trackers_of_the_command_line_are_added_to_those_of_the_space():
    space = load_space("spaces/demo.yaml", overrides=["tracking=[mlflow]"])
    assert space.tracked_by(["wandb", "mlflow"]).tracking == ("mlflow", "wandb")
