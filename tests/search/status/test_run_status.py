from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.roles import Role
from search.budget.limits import Usage
from search.budget.recorded_time import RecordedTime, write_time
from search.ledger import EndedTrial, Ledger, RunLock, RunningFolder, StartedTrial
from search.ledger.experiment_file import read_experiment, record_experiment
from search.space.reading import load_space
from search.status.run_status import run_status
from search.status.runs import UnknownRunError, run_names

SPACE = """
name: small
data: {dataset: synthetic}
experiment: {preset: [mosi, paper]}
search:
  trials: 5
  objective: {metric: valid/METRIC}
  parameters: {training.batch_size: {choice: [16, 32]}}
ablations: {modules: {baseline: {}}}
seeds: [1, 2]
"""


def search(number):
    return Role(phase="search", number=number, seed=1)


def trial(key, status, mae=None):
    """Return a trial that ended; the status nan is that of a failure of this kind."""
    is_nan = status == "nan"
    status = "failed" if is_nan else status
    columns = {
        "key": key,
        "status": status,
        "failure": "nan" if is_nan else None,
        "seed": 1,
        "epochs": 0 if mae is None else 2,
        "seconds": 0.0 if mae is None else 2.0,
        "valid_mae": mae,
        "valid_corr": mae,
    }
    predictions = {"test": {"id": ["u"], "label": [1.0], "M": [1.0]}}  # or it is taken for cut off
    return EndedTrial(
        columns=columns,
        epochs=[
            {"epoch": epoch, "seconds": 1.0, "valid_mae": mae}
            for epoch in range(1, columns["epochs"] + 1)
        ],
        predictions=predictions if status == "finished" else {},
    )


@pytest.fixture
def make_run(tmp_path):
    def make(metric="mae", confirm="", total=7):
        path = tmp_path / "small.yaml"
        path.write_text(SPACE.replace("METRIC", metric) + confirm)
        space = load_space(path)
        version = Version(
            space=space.to_dict(),
            source=space.origin.source,
            command="",
            data={},
            environment={},
            total=total,
        )
        folder = tmp_path / "runs" / "small"
        record_experiment(folder, "small", version=version)
        ledger = Ledger(folder)
        ledger.add(trial("a", "finished", 0.9), [search(0)])
        ledger.add(trial("b", "finished", 0.7), [search(1)])
        ledger.add(trial("c", "stopped", 0.5), [search(2)])
        ledger.add(trial("d", "failed"), [Role(phase="ablation", group="modules", seed=1)])
        return tmp_path / "runs"

    return make


@pytest.mark.slow
def test_roles_are_counted_by_phase_and_status_against_the_plan(make_run):
    """5 suggestions and 1 cell x 2 seeds: 7 roles, 4 of them done."""
    status = run_status(make_run(), "small")
    assert status.counts == {"search": {"finished": 2, "stopped": 1}, "ablation": {"failed": 1}}
    assert (status.done, status.total) == (4, 7)
    assert list(status.counts) == ["search", "ablation"]
    assert list(status.counts["search"]) == ["finished", "stopped"]


@pytest.mark.slow
@pytest.mark.parametrize(("metric", "number"), [("mae", 1), ("corr", 0)])
def test_the_best_is_the_best_finished_trial_of_the_search(make_run, metric, number):
    """The stopped trial's 0.5 counts for nothing; a larger correlation is better."""
    assert run_status(make_run(metric), "small").best.number == number


@pytest.mark.slow
def test_trials_that_no_role_speaks_of_are_counted_as_left_out(make_run):
    runs = make_run()
    Ledger(runs / "small").add(trial("old", "finished", 0.1), [])
    status = run_status(runs, "small")
    assert (status.left_out, status.done) == (1, 4)
    assert status.best.key == "b"


def confirm(group, number, seed):
    return Role(phase="confirm", group=group, number=number, seed=seed)


@pytest.mark.slow
def test_confirmations_of_an_earlier_winner_do_not_count(make_run):
    """5 trials of the search, 2 seeds of its best, 2 cells; a was the best before b came."""
    runs = make_run(confirm="confirm: {top: 1, seeds: [3, 4]}", total=9)
    ledger = Ledger(runs / "small")
    for group, number, seed in (("a", 0, 3), ("a", 0, 4), ("b", 0, 3)):
        ledger.add(trial(f"{group}{seed}", "finished", 0.1), [confirm(group, number, seed)])
    status = run_status(runs, "small")
    assert status.counts["confirm"] == {"finished": 1}
    assert (status.done, status.total) == (5, 9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objective", "ends", "why", "step"),
    [
        ("mae", {"failed": 5}, "no trial of the search has finished", "fix the cause, then"),
        (
            "mae",
            {"stopped": 3, "failed": 2},
            "no trial of the search has finished",
            "fix the cause of",
        ),
        ("mae", {"stopped": 5}, "no trial of the search has finished", "run more trials"),
        ("corr", {"undefined": 5}, "no finished trial of the search has a value", "the obj"),
        ("mae", {"nan": 5}, "no trial of the search has finished", "the loss is not a number"),
        ("mae", {"nan": 4, "failed": 1}, "no trial of the search has", "fix the cause, then"),
        ("mae", {"nan": 4, "stopped": 1}, "no trial of the search has", "fix the cause of"),
    ],
)
def test_a_search_that_has_nothing_to_confirm_leaves_its_confirmation_planned(
    tmp_path, make_run, objective, ends, why, step
):
    runs = make_run(objective, confirm="confirm: {top: 1, seeds: [3, 4]}", total=9)
    ledger = Ledger(runs / "small")
    ledger.keep_roles(lambda role, key: role.phase != "search")
    statuses = [status for status, count in ends.items() for _ in range(count)]
    for number, status in enumerate(statuses):
        found = trial(f"e{number}", "finished" if status == "undefined" else status, None)
        ledger.add(found, [search(number)])
    found = run_status(runs, "small")
    assert (found.done, found.total) == (6, 9)
    assert found.unconfirmed.trials == 2
    assert found.unconfirmed.why.startswith(why)
    assert found.unconfirmed.why.endswith("so the 2 confirmation trials cannot run")
    assert found.unconfirmed.next_step.startswith(step)


@pytest.mark.slow
def test_once_the_search_has_ended_no_more_is_awaited_than_can_be_confirmed(make_run):
    """Two of five have finished, of the three that are to be confirmed over two seeds."""
    runs = make_run(confirm="confirm: {top: 3, seeds: [3, 4]}", total=13)
    assert run_status(runs, "small").total == 13
    ledger = Ledger(runs / "small")
    for number, key in ((3, "x"), (4, "y")):
        ledger.add(trial(key, "failed"), [search(number)])
    assert run_status(runs, "small").total == 5 + 4 + 2


def test_a_trial_under_way_is_named_until_it_has_ended(make_run):
    runs = make_run()
    for key, number in (("e", 3), ("a", 0)):
        RunningFolder(runs / "small").write(StartedTrial(key=key, roles=(search(number),)))
    (trial,) = run_status(runs, "small").running
    assert (trial.title, trial.epoch) == ("search 3", 0)


def test_a_trial_under_way_says_how_far_it_is_and_where(make_run):
    runs = make_run()
    folder = RunningFolder(runs / "small")
    folder.write(StartedTrial(key="e", roles=(search(3),), started_at="2026-01-01T12:00:00+00:00"))
    folder.record_epoch("e", epoch=2, max_epochs=9, value=0.25, epoch_seconds=1.0, node="node1")
    (trial,) = run_status(runs, "small").running
    assert (trial.epoch, trial.max_epochs, trial.value, trial.node) == (2, 9, 0.25, "node1")
    assert trial.started_at == datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.slow
def test_what_a_worker_does_before_the_first_epoch_is_named_until_that_has_ended(make_run):
    runs = make_run()
    folder = RunningFolder(runs / "small")
    folder.write(StartedTrial(key="e", roles=(search(3),)))
    folder.record_stage("e", "computing text states", node="node1")
    (trial,) = run_status(runs, "small").running
    assert (trial.epoch, trial.stage, trial.node) == (0, "computing text states", "node1")
    folder.record_epoch("e", epoch=1, max_epochs=9, value=0.25, epoch_seconds=1.0, node="node1")
    (trial,) = run_status(runs, "small").running
    assert (trial.epoch, trial.stage) == (1, "")


@pytest.mark.slow
def test_a_failed_trial_has_its_kind_and_the_first_line_of_its_message(make_run):
    runs = make_run()
    columns = trial("e", "failed").columns | {"failure": "oom", "message": "no memory\nat all"}
    Ledger(runs / "small").add(EndedTrial(columns=columns), [search(3)])
    newest, older = run_status(runs, "small").failed
    assert (newest.title, newest.kind, newest.message) == ("search 3", "oom", "no memory")
    assert older.kind == "unknown"


@pytest.mark.slow
def test_what_was_taken_counts_ended_and_running_trials(make_run):
    """Three ended trials of two epochs, one that failed before its first, one in its second."""
    runs = make_run()
    folder = RunningFolder(runs / "small")
    folder.write(StartedTrial(key="e", roles=(search(3),)))
    folder.record_epoch("e", epoch=2, max_epochs=9, value=0.25, epoch_seconds=1.0, node="")
    write_time(runs / "small", RecordedTime(seconds=60.0))
    assert run_status(runs, "small").usage == Usage(seconds=60.0, trials=5, epochs=8)


@pytest.mark.slow
def test_the_time_left_is_by_the_epochs_of_the_command_at_work(make_run):
    """Four trials ended since it began some 40 s ago, three of them after 2 epochs; 3 are left."""
    runs = make_run()
    assert run_status(runs, "small").seconds_left is None
    began = datetime.now(UTC) - timedelta(seconds=40)
    write_time(runs / "small", RecordedTime(started_at=began))
    assert run_status(runs, "small").seconds_left is None  # nobody is at work
    with RunLock(runs / "small"):
        status = run_status(runs, "small")
    assert 40 <= status.seconds_left < 60  # six epochs took 40 s, and six are left


@pytest.mark.slow
def test_a_run_is_active_while_a_process_holds_it(make_run):
    runs = make_run()
    assert not run_status(runs, "small").active
    with RunLock(runs / "small"):
        assert run_status(runs, "small").active
    assert not run_status(runs, "small").active


def test_looking_changes_nothing(make_run):
    runs = make_run()
    before = {path: path.stat().st_mtime_ns for path in runs.rglob("*")}
    run_status(runs, "small")
    assert {path: path.stat().st_mtime_ns for path in runs.rglob("*")} == before


def test_an_unknown_run_is_an_error_that_names_the_known_ones(make_run):
    runs = make_run()
    with pytest.raises(
        UnknownRunError, match=r"no run 'smal' .* did you mean small\? Expected one of: small"
    ):
        run_status(runs, "smal")


def test_only_folders_with_an_experiment_are_runs(make_run):
    runs = make_run()
    (runs / "other").mkdir()
    assert run_names(runs) == ["small"]
    assert run_names(Path("no/such/folder")) == []


def record_again(runs, **changes):
    """Record another version of the space, as a command does before it does anything else."""
    found = read_experiment(runs / "small")
    space = {**found.space, **changes}
    version = Version(
        space=space, source="", command="", data={"unaligned": "u"}, environment={}, total=7
    )
    record_experiment(runs / "small", "small", version=version)


@pytest.mark.slow
def test_a_trial_that_was_cut_off_and_is_no_longer_asked_for_is_not_named(make_run):
    runs = make_run()
    role = Role(phase="search", number=3, seed=1110, changes={"training.batch_size": 16})
    RunningFolder(runs / "small").write(StartedTrial(key="e", roles=(role,)))
    record_again(runs, seeds=[3])
    assert [trial.title for trial in run_status(runs, "small").running] == ["search 3"]
    record_again(runs, search=None, confirm=None)
    assert run_status(runs, "small").running == ()


@pytest.mark.slow
def test_a_recorded_space_that_cannot_be_read_is_said_and_what_was_recorded_is_counted(make_run):
    runs = make_run()
    record_again(runs, gone="a section of another version")
    status = run_status(runs, "small")
    assert (status.done, status.left_out) == (4, 0)
    (warning,) = status.warnings
    assert warning.startswith("this version cannot read the recorded space (gone: ")


@pytest.mark.slow
@pytest.mark.parametrize("table", ["trials", "predictions"])
def test_a_trial_with_a_damaged_part_does_not_count_and_the_part_is_named(make_run, table):
    """The next command runs it again."""
    runs = make_run()
    (runs / "small" / table / "b.parquet").write_bytes(b"not Parquet")
    status = run_status(runs, "small")
    assert (status.done, status.best.key) == (3, "a")
    (warning,) = status.warnings
    assert f"{table}/b.parquet" in warning


def test_damaged_files_beside_the_trials_are_named_as_a_dry_run_names_them(make_run):
    runs = make_run()
    (runs / "small" / "spent.json").write_text("{")
    (runs / "small" / "utterances").mkdir()
    (runs / "small" / "utterances" / "unaligned-u.parquet").write_bytes(b"")
    named = " ".join(run_status(runs, "small").warnings)
    assert "spent.json" in named
    assert "utterances/unaligned-u.parquet" in named
