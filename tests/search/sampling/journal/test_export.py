"""The journal is read back by Optuna itself."""

import json
from dataclasses import replace

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from search.cli.main import execute
from search.sampling.journal.export import ExportError, export_journal

ASHA = (
    "search.trials=8",
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=4",
)
STATES = {
    "finished": TrialState.COMPLETE,
    "stopped": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


@pytest.fixture
def exported(command, tmp_path):
    """Run the made-up learner, one trial failing, and export it."""

    def export(*overrides, **options):
        run = command(*overrides, folder="mini", **options)
        record = {"name": "mini", "versions": [{"space": run.space.to_dict()}]}
        (run.folder / "experiment.json").write_text(json.dumps(record))
        export_journal(run.folder, tmp_path / "mini.journal")
        return run

    return export


def load(path):
    return optuna.load_study(
        study_name="mini", storage=JournalStorage(JournalFileBackend(str(path)))
    )


@pytest.mark.slow
def test_the_study_is_the_one_that_the_sampler_learned_from(exported, tmp_path):
    run = exported(*ASHA, fails={3: "oom"})
    own = run.study
    study = load(tmp_path / "mini.journal")
    assert (study.directions, study.metric_names) == (own.directions, ["valid/mae"])
    assert len(study.trials) == 8
    for found, expected in zip(study.trials, own.trials, strict=True):
        for part in ("state", "params", "distributions", "values", "intermediate_values"):
            assert getattr(found, part) == getattr(expected, part), part


@pytest.mark.slow
def test_several_seeds_are_one_trial_with_their_mean(exported, tmp_path):
    run = exported("search.seeds=[7, 8, 9]", "search.give_up.rule=none", fails={2: "oom"})
    study = load(tmp_path / "mini.journal")
    for found, expected in zip(study.trials, run.study.trials, strict=True):
        for part in ("state", "params", "values", "intermediate_values"):
            assert getattr(found, part) == getattr(expected, part), part
    assert [trial.user_attrs["seeds"] for trial in study.trials] == [[7, 8]] + [[7, 8, 9]] * 3


@pytest.mark.slow
def test_every_ending_has_its_state_and_its_epochs(exported, tmp_path):
    run = exported(*ASHA, fails={3: "oom"})
    trials = load(tmp_path / "mini.journal").trials
    assert {trial.state for trial in trials} == set(STATES.values())
    for trial in trials:
        row = run.ledger.trials[trial.user_attrs["key"]]
        assert trial.state is STATES[row.status]
        assert len(trial.intermediate_values) == row.epochs


@pytest.mark.slow
def test_a_trial_has_its_attributes_and_its_time_but_nothing_of_the_test_split(exported, tmp_path):
    run = exported(*ASHA)
    (trial,) = load(tmp_path / "mini.journal").trials[:1]
    row = run.ledger.trials[trial.user_attrs["key"]]
    assert row.test["mae"] is not None
    assert not any("test" in name for name in trial.user_attrs)
    assert trial.user_attrs["valid/mae"] == row.valid["mae"]
    assert (trial.user_attrs["seed"], trial.user_attrs["model"]) == (7, "sugrm")
    assert trial.user_attrs["best_epoch"] == row.best_epoch
    assert trial.duration.total_seconds() == pytest.approx(row.seconds)
    assert trial.datetime_complete.timestamp() == pytest.approx(row.ended_at.timestamp())


@pytest.mark.slow
def test_what_is_undefined_is_left_out(exported, tmp_path):
    """NaN is no JSON: what reads a journal outside of Python would stop at it."""
    exported(undefined=True)
    (trial,) = load(tmp_path / "mini.journal").trials[:1]
    assert "valid/mae" in trial.user_attrs
    assert "valid/corr" not in trial.user_attrs
    assert "NaN" not in (tmp_path / "mini.journal").read_text()


@pytest.mark.slow
def test_a_study_of_several_objectives_has_the_values_of_each(exported, tmp_path):
    two = "search.objective=[{metric: valid/corr}, {metric: cost/parameters}]"
    run = exported(two, "search.sampler.name=nsgaii", fails={2: "nan"})
    study = load(tmp_path / "mini.journal")
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    rows = [run.ledger.trials[trial.user_attrs["key"]] for trial in study.trials]
    assert [trial.values for trial in study.trials] == [
        [row.valid["corr"], row.parameters] if row.status == "finished" else None for row in rows
    ]
    assert study.trials[1].state is TrialState.FAIL


@pytest.mark.slow
def test_the_command_says_what_it_wrote(exported, tmp_path, capsys):
    exported()
    file = tmp_path / "again.journal"
    assert execute(["export", "mini", "--optuna", str(file), "--runs", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"wrote {file}: study mini, 4 trials\n"
    assert len(load(file).trials) == 4


@pytest.mark.slow
def test_a_trial_that_was_suggested_often_is_exported_once(exported, tmp_path):
    """Earlier versions of the code recorded each suggestion, and the next export comes at once."""
    run = exported()
    last = max(role.number for role in run.ledger.roles)
    (role,) = [role for role in run.ledger.roles if role.phase == "search" and role.number == 1]
    for number in range(last + 1, last + 30):
        run.ledger.add_role(replace(role, number=number), run.ledger.roles[role])
    export_journal(run.folder, tmp_path / "again.journal")
    assert len(load(tmp_path / "again.journal").trials) == 4


@pytest.mark.slow
def test_a_run_is_only_read(exported, tmp_path):
    run = exported()
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")}
    export_journal(run.folder, tmp_path / "again.journal")
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*")} == before
    assert sorted(path.name for path in tmp_path.glob("*journal*")) == [
        "again.journal",
        "mini.journal",
    ]


@pytest.mark.slow
def test_a_file_that_exists_is_replaced_only_when_asked(exported, tmp_path):
    run = exported()
    file = tmp_path / "mini.journal"
    file.write_text("mine")
    with pytest.raises(ExportError, match=r"mini.journal exists already; .* --force"):
        export_journal(run.folder, file)
    assert file.read_text() == "mine"
    export_journal(run.folder, file, replace=True)
    assert len(load(file).trials) == 4


@pytest.mark.slow
def test_a_journal_that_cannot_be_written_whole_is_not_there(exported, tmp_path, monkeypatch):
    run = exported()

    def full(backend, logs):
        raise OSError(28, "No space left on device", "journal")

    monkeypatch.setattr(JournalFileBackend, "append_logs", full)
    with pytest.raises(OSError, match="No space"):
        export_journal(run.folder, tmp_path / "other.journal")
    assert [path.name for path in tmp_path.glob("*journal*")] == ["mini.journal"]


def test_a_run_without_a_search_has_no_study(exported, tmp_path):
    with pytest.raises(ExportError, match="mini has no search"):
        exported("search=", "confirm=")


@pytest.mark.slow
@pytest.mark.parametrize("place", [".", "no/such/folder/file"])
def test_a_place_that_takes_no_file_is_refused(exported, tmp_path, place):
    run = exported()
    with pytest.raises(ExportError, match="folder"):
        export_journal(run.folder, tmp_path / place)


@pytest.mark.slow
def test_a_run_with_a_plug_in_is_exported_whole_without_its_code(exported, tmp_path):
    run = exported()
    record = json.loads((run.folder / "experiment.json").read_text())
    record["versions"][0]["space"]["experiment"]["model"]["name"] = "not_loaded"
    (run.folder / "experiment.json").write_text(json.dumps(record))
    warnings = []
    export_journal(run.folder, tmp_path / "again.journal", warn=warnings.append)
    whole, again = load(tmp_path / "mini.journal"), load(tmp_path / "again.journal")
    assert [trial.params for trial in again.trials] == [trial.params for trial in whole.trials]
    assert warnings == []
