"""Parameter importance, against Optuna's own over the exported journal."""

import importlib
import json
from types import SimpleNamespace

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from reports.ledger.reading.load import load_results
from reports.ledger.schema import IMPORTANCE_FILE
from reports.results.parameter_importance import read_importance
from search.sampling.importance import record_importance
from search.sampling.journal.export import export_journal

MANY = ("search.trials=24", "confirm=", "ablations=")
CONDITIONAL = (
    *MANY,
    "experiment.model.width=8",
    "search.parameters={training.learning_rate.others: {low: 1.0e-4, high: 1.0e-2, log: true}, "
    "model.encoder.name: {choice: [spt, lstm]}, "
    "model.encoder.layers: {low: 1, high: 3, when: {model.encoder.name: [spt]}}}",
)


def recorded(run, ledger=None):
    """Record the importance of a run of the made-up learner; return what a report reads."""
    assert record_importance(run.space, ledger or run.ledger) is None
    record = {"name": "mini", "versions": [_version(run)]}
    (run.folder / "experiment.json").write_text(json.dumps(record))
    return read_importance(load_results(run.folder))


def _version(run):
    return {"space": run.space.to_dict(), "started_at": "2026-01-02T03:04:05+00:00"}


def by_optuna(run, file):
    """Return Optuna's shares over the study as it is exported."""
    export_journal(run.folder, file)
    storage = JournalStorage(JournalFileBackend(str(file)))
    study = optuna.load_study(study_name=run.folder.name, storage=storage)
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    target = (lambda trial: trial.values[0]) if len(study.directions) > 1 else None
    return optuna.importance.get_param_importances(study, evaluator=evaluator, target=target)


@pytest.mark.slow
@pytest.mark.parametrize("overrides", [MANY, CONDITIONAL])
def test_the_shares_are_those_that_optuna_gives_the_exported_study(command, tmp_path, overrides):
    run = command(*overrides)
    found = recorded(run)
    expected = by_optuna(run, tmp_path / "study.journal")
    assert {one.name: one.share for one in found.parameters} == pytest.approx(expected)
    assert sum(one.share for one in found.parameters) == pytest.approx(1)
    assert [one.name for one in found.parameters] == list(run.space.search.parameters)
    assert (found.method, found.optuna) == ("PED-ANOVA", optuna.__version__)
    assert (found.objective, found.mode) == ("valid/mae", "min")
    assert found.trials == run.space.search.trials


@pytest.mark.slow
def test_a_conditional_parameter_counts_the_trials_that_have_it(command):
    run = command(*CONDITIONAL)
    found = {one.name: one.trials for one in recorded(run).parameters}
    having = sum("model.encoder.layers" in role.changes for role in run.ledger.roles)
    assert 0 < having < 24
    assert found["model.encoder.layers"] == having
    assert found["model.encoder.name"] == 24


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:PedAnova")
def test_of_several_objectives_the_first_one_counts(command, tmp_path):
    two = "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]"
    run = command(*MANY, two, "search.sampler.name=nsgaii")
    found = recorded(run)
    expected = by_optuna(run, tmp_path / "study.journal")
    assert {one.name: one.share for one in found.parameters} == pytest.approx(expected)


@pytest.mark.slow
def test_a_metric_to_maximise_is_as_its_negative_to_minimise(command):
    """The made-up learner gives every metric the same value: what is worst for one is best."""
    most = recorded(
        command(*MANY, "search.objective={metric: valid/corr}", "search.sampler.name=random")
    )
    least = recorded(command(*MANY, "search.sampler.name=random", folder="least"))
    assert (most.mode, least.mode) == ("max", "min")
    assert most.parameters != least.parameters


@pytest.mark.slow
def test_failed_and_stopped_trials_do_not_count(command):
    scheduler = "search.scheduler={name: asha, min_epochs: 1, reduction: 2}"
    more = ("search.trials=60", "experiment.training.max_epochs=4")
    run = command(*MANY, scheduler, *more, fails={3: "oom"})
    finished = [row for row in run.ledger.trials.values() if row.status == "finished"]
    assert 20 <= len(finished) < 59
    assert recorded(run).trials == len(finished)


@pytest.mark.slow
def test_an_interrupted_search_has_the_importance_of_what_has_finished(command):
    run = command(*MANY, cut_off=44)  # of two epochs each
    assert recorded(run).trials == 22
    assert recorded(command(*MANY)).trials == 24


@pytest.mark.slow
def test_nineteen_trials_tell_nothing_and_an_earlier_file_goes(command):
    run = command(*MANY, cut_off=38)
    (run.folder / IMPORTANCE_FILE).write_text("{}")
    assert recorded(run) is None
    assert not (run.folder / IMPORTANCE_FILE).exists()


@pytest.mark.slow
def test_a_parameter_of_one_value_has_no_share(command):
    one = (
        "search.parameters={training.learning_rate.others: {low: 1.0e-4, high: 1.0e-2, log: true}, "
        "objective.loss: {choice: [l1]}}"
    )
    rate, loss = recorded(command(*MANY, one)).parameters
    assert (rate.share, loss.share, loss.trials) == (1.0, None, 24)


@pytest.mark.slow
def test_trials_that_are_all_equal_tell_nothing(command):
    """Optuna would call all parameters equally important."""
    run = command(*MANY)
    equal = {key: row._replace(valid={"mae": 1.0}) for key, row in run.ledger.trials.items()}
    ledger = SimpleNamespace(folder=run.folder, roles=run.ledger.roles, trials=equal)
    assert {one.share for one in recorded(run, ledger).parameters} == {None}


def test_a_run_without_a_search_has_none(command):
    run = command("search=", "confirm=")
    assert record_importance(run.space, run.ledger) is None
    assert not (run.folder / IMPORTANCE_FILE).exists()


@pytest.mark.slow
def test_a_failure_is_one_line_and_no_error(command, monkeypatch):
    run = command(*MANY)

    def refuse(*arguments, **options):
        raise RuntimeError("singular")

    # Optuna loads this module late: by its name, a stand-in of it would be changed.
    module = importlib.import_module("optuna.importance")
    monkeypatch.setattr(module, "get_param_importances", refuse)
    line = record_importance(run.space, run.ledger)
    assert line.startswith(
        "the importance of the parameters is not written (RuntimeError: singular)"
    )
