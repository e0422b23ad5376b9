"""The journal of a search while it runs; Optuna itself reads it back."""

import json
import re
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from search.cli.display.summary_view import summary_lines
from search.controller.run_summary import finish_run
from search.errors import SearchError
from search.sampling.journal.export import export_journal
from search.sampling.journal.file import JournalFile
from search.tracking import packages, trackers
from search.tracking.packages import check_trackers
from tests.parametrise import mostly_slow
from tests.search.tracking.recording import closed

ASHA = (
    "search.trials=8",
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=4",
)
SEEDS = ("search.seeds=[7, 8, 9]", "search.trials=5", "search.give_up.rule=range")
PARTS = ("state", "params", "distributions", "values", "intermediate_values")


def trials(folder):
    storage = JournalStorage(JournalFileBackend(str(Path(folder) / "optuna.journal")))
    return optuna.load_study(study_name="mini", storage=storage).trials


def contents(found):
    return [tuple(getattr(trial, part) for part in PARTS) for trial in found]


def warnings_of(run):
    return [event.message for event in run.named("RunWarning")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "overrides",
    [
        ASHA,
        SEEDS,
        (
            "search.objective=[{metric: valid/corr}, {metric: cost/parameters}]",
            "search.sampler.name=nsgaii",
        ),
    ],
)
def test_the_study_is_the_one_that_the_sampler_learned_from(watched, overrides):
    run = closed(watched(*overrides, fails={3: "oom"}))
    found = trials(run.folder)
    assert contents(found) == contents(run.study.trials)
    assert {trial.state for trial in found} >= {TrialState.COMPLETE, TrialState.FAIL}
    assert warnings_of(run) == []


@pytest.mark.slow
def test_it_has_what_an_export_after_the_run_has(watched, tmp_path):
    run = closed(watched(*SEEDS))
    record = {"name": "mini", "versions": [{"space": run.space.to_dict()}]}
    (run.folder / "experiment.json").write_text(json.dumps(record))
    (tmp_path / "after").mkdir()
    export_journal(run.folder, tmp_path / "after" / "optuna.journal")
    after = optuna.load_study(
        study_name="run",
        storage=JournalStorage(JournalFileBackend(str(tmp_path / "after" / "optuna.journal"))),
    ).trials
    found = trials(run.folder)
    assert contents(found) == contents(after)
    assert [each.user_attrs for each in found] == [each.user_attrs for each in after]


def test_a_trial_is_there_from_its_start_with_the_epochs_so_far(watched):
    """The driver is killed after the first of four epochs of the second trial."""
    run = watched("experiment.training.max_epochs=4", cut_off=5)
    done, running = trials(run.folder)
    assert (done.state, list(done.intermediate_values)) == (TrialState.COMPLETE, [1, 2, 3, 4])
    assert (running.state, list(running.intermediate_values)) == (TrialState.RUNNING, [1])
    assert running.params.keys() == {"training.learning_rate.others", "objective.loss"}
    assert running.user_attrs["suggestion"] == 1


@pytest.fixture(scope="module")
def unbroken_trials():
    """The trials of runs that were not killed, by the overrides of their space."""
    return {}


def unbroken(watched, overrides, known):
    if overrides not in known:
        known[overrides] = contents(trials(closed(watched(*overrides, folder="unbroken")).folder))
    return known[overrides]


@pytest.mark.slow
@pytest.mark.parametrize("overrides", [ASHA, SEEDS])
@pytest.mark.parametrize(
    ("first", "cut_off"),
    mostly_slow(
        [("[optuna]", 0), ("[optuna]", 3), ("[optuna]", 9), ("[]", 0), ("[]", 3), ("[]", 9)],
        quick=[("[optuna]", 9), ("[]", 3)],
    ),
)
def test_a_killed_run_goes_on_in_the_same_journal(
    watched, unbroken_trials, overrides, cut_off, first
):
    """Nothing is there twice, whether or not the killed command wrote a journal."""
    watched(*overrides, f"tracking={first}", cut_off=cut_off)
    run = closed(watched(*overrides))
    assert contents(trials(run.folder)) == unbroken(watched, overrides, unbroken_trials)
    assert warnings_of(run) == []


@pytest.mark.slow
def test_a_run_that_is_done_can_be_sent_afterwards_with_its_own_times(watched):
    run = watched("tracking=[]")
    closed(watched())
    found = trials(run.folder)
    assert contents(found) == contents(run.study.trials)
    for trial in found:
        row = run.ledger.trials[trial.user_attrs["key"]]
        assert trial.datetime_complete.timestamp() == pytest.approx(row.ended_at.timestamp())
        assert trial.duration.total_seconds() == pytest.approx(row.seconds)


@pytest.mark.slow
def test_an_undefined_objective_is_a_failure_also_if_it_is_sent_afterwards(watched):
    run = closed(watched("search.objective.metric=valid/corr", undefined=True))
    live = contents(trials(run.folder))
    assert {trial.state for trial in trials(run.folder)} == {TrialState.FAIL}
    (run.folder / "optuna.journal").unlink()
    again = closed(watched("search.objective.metric=valid/corr", undefined=True))
    assert contents(trials(again.folder)) == live


@pytest.mark.slow
def test_a_trial_that_an_ablation_has_run_is_there_at_the_end(watched):
    """The first suggestion is the fixed values, with the seed that the ablation had."""
    watched("search=", "confirm=", "seeds=[7]", whole=True)
    run = closed(watched("confirm=", "seeds=[7]", whole=True))
    assert run.ledger.roles.keys() > {role for role in run.ledger.roles if role.phase == "search"}
    found = sorted(trials(run.folder), key=lambda trial: trial.user_attrs["suggestion"])
    assert contents(found) == contents(run.study.trials)


@pytest.mark.slow
def test_a_study_that_was_deleted_in_the_dashboard_is_written_again(watched):
    killed = watched(cut_off=5)
    journal = JournalFileBackend(str(killed.folder / "optuna.journal"))
    optuna.delete_study(study_name="mini", storage=JournalStorage(journal))
    run = closed(watched())
    assert contents(trials(run.folder)) == contents(run.study.trials)


@pytest.mark.slow
def test_failed_trials_that_run_again_are_added_again(watched):
    closed(watched("search.stop_after_failures=0", fails=dict.fromkeys(range(1, 5), "oom")))
    run = closed(watched())
    found = trials(run.folder)
    assert [trial.state for trial in found] == [TrialState.FAIL] * 4 + [TrialState.COMPLETE] * 4
    assert found[0].user_attrs["message"] == "m"
    assert found[0].user_attrs["key"] == found[4].user_attrs["key"]


@pytest.mark.slow
def test_other_trials_and_scores_of_the_test_split_are_not_in_it(watched):
    run = closed(watched(whole=True))
    assert len(run.ledger.trials) > 4
    assert len(trials(run.folder)) == 4
    assert "test" not in (run.folder / "optuna.journal").read_text()
    assert "NaN" not in (run.folder / "optuna.journal").read_text()


def torn(file):
    file.write_bytes(file.read_bytes() + b'{"op_code":4,"worker')


def of_another_run(file):
    file.write_text(re.sub(r'"sugrm.search":"\w', '"sugrm.search":"other', file.read_text()))


def folder(file):
    file.unlink()
    file.mkdir()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda file: file.write_bytes(b"\x00\xff" * 50), "cannot read optuna.journal ("),
        (lambda file: file.write_text("[]\n{}\n"), "cannot read optuna.journal ("),
        (torn, "cannot read optuna.journal (its last line is cut off)"),
        (of_another_run, "found another search in optuna.journal"),
        (folder, "found no file at optuna.journal"),
    ],
)
def test_a_damaged_or_foreign_file_is_moved_aside_with_one_warning(
    watched, unbroken_trials, damage, what
):
    killed = watched(*ASHA, cut_off=6)
    damage(killed.folder / "optuna.journal")
    run = closed(watched(*ASHA))
    (line,) = warnings_of(run)
    assert line.startswith(what)
    assert line.endswith(
        "; it was moved to damaged/optuna.journal, and a new one has every trial of the ledger"
    )
    assert (run.folder / "damaged" / "optuna.journal").exists()
    assert contents(trials(run.folder)) == unbroken(watched, ASHA, unbroken_trials)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            "search.parameters.objective.loss={choice: [l2, l1]}",
            "found another search in optuna.journal",
        ),
        (
            "experiment.training.max_epochs=3",
            "had trials in optuna.journal that are no longer part of the search",
        ),
    ],
)
def test_another_search_begins_a_journal_of_its_own(watched, change, what):
    closed(watched())
    run = closed(watched(change))
    (line,) = [line for line in warnings_of(run) if "optuna" in line]
    assert line.startswith(what)
    assert contents(trials(run.folder)) == contents(run.study.trials)


@pytest.mark.slow
def test_more_trials_go_on_in_the_same_journal(watched):
    closed(watched())
    run = closed(watched("search.trials=6"))
    assert warnings_of(run) == []
    assert contents(trials(run.folder)) == contents(run.study.trials)
    assert len(trials(run.folder)) == 6


def test_a_trial_that_the_search_drops_does_not_run_for_ever(watched):
    watched("experiment.training.max_epochs=4", cut_off=5)
    run = closed(watched("experiment.training.max_epochs=4", "search.trials=1"))
    states = [trial.state for trial in trials(run.folder)]
    assert TrialState.RUNNING not in states


def test_a_space_without_a_search_has_no_journal_and_one_warning(watched):
    run = closed(watched("search=", "confirm=", whole=True))
    assert warnings_of(run) == [
        "tracking names optuna, which shows a search, and this space has none"
    ]
    assert not (run.folder / "optuna.journal").exists()


def test_a_journal_that_cannot_be_written_ends_no_run(command, monkeypatch):
    def full(file, logs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JournalFile, "append_logs", full)
    monkeypatch.setattr(trackers, "write_page", lambda run, folder: None)
    run = closed(command("tracking=[optuna]", "confirm=", "ablations={}"))
    assert [row[1] for row in run.rows().values()] == ["finished"] * 4
    first, last = warnings_of(run)
    assert first.startswith("Optuna cannot be written to: [Errno 28] No space left on device;")
    assert last.startswith("Optuna does not have the whole run; the same command again sends")


class HalfWritten:
    """A file on a disk that has room for half of what is written."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, content):
        return self.file.write(content[: len(content) // 2])


def test_a_line_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = JournalFile(tmp_path / "a.journal")
    file.append_logs([{"a": 1}])
    usual = Path.open
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda *given, **named: HalfWritten(usual(*given, **named)))
        with pytest.raises(OSError, match="no room to write"):
            file.append_logs([{"b": 2}])
    file.append_logs([{"c": 3}])
    assert list(file.read_logs(0)) == [{"a": 1}, {"c": 3}]


def test_a_file_that_another_program_cut_off_is_not_written_to(tmp_path):
    file = JournalFile(tmp_path / "a.journal")
    file.append_logs([{"a": 1}])
    (tmp_path / "a.journal").write_text("")
    with pytest.raises(OSError, match="cut off by another program"):
        file.append_logs([{"b": 2}])


@pytest.mark.slow
def test_the_lock_of_a_killed_process_is_removed(tmp_path):
    """Three seconds after it was first seen."""
    (tmp_path / "a.journal.lock").write_text("")
    file = JournalFile(tmp_path / "a.journal")
    file.append_logs([{"a": 1}])
    assert list(file.read_logs(0)) == [{"a": 1}]
    assert not (tmp_path / "a.journal.lock").exists()


def test_a_run_in_an_object_store_cannot_have_a_journal(monkeypatch):
    monkeypatch.setattr(packages, "in_object_store", lambda runs: True)
    with pytest.raises(SearchError) as refused:
        check_trackers(["tensorboard", "optuna"], "s3://bucket/runs")
    assert str(refused.value) == (
        "tracking asks for optuna, whose file grows with the run; got the object store "
        "s3://bucket/runs; expected a folder of this machine; leave it out of tracking; at any "
        "time this writes the file: sugrm-search export RUN --runs s3://bucket/runs "
        "--optuna run.journal"
    )
    check_trackers(["tensorboard"], "s3://bucket/runs")


def test_the_thread_of_the_tracker_writes_the_same(command, monkeypatch):
    monkeypatch.setattr(trackers, "write_page", lambda run, folder: None)
    run = closed(command("tracking=[optuna]", "confirm=", "ablations={}"))
    assert contents(trials(run.folder)) == contents(run.study.trials)
    assert warnings_of(run) == []


@pytest.mark.parametrize("has_search", [True, False])
def test_the_end_of_a_run_names_the_command_that_shows_it(watched, has_search):
    run = watched(*(() if has_search else ("search=", "confirm=")), whole=not has_search)
    summary = finish_run(
        run.space,
        run.ledger,
        controller=run.controller,
        listen=run.events.append,
        seconds=1.0,
    )
    lines = [line for line in summary_lines(summary) if "optuna" in line]
    shown = f"  Optuna:       optuna-dashboard {run.folder}/optuna.journal"
    assert lines == ([shown] if has_search else [])
