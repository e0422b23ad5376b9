import json
from datetime import UTC, datetime

import pytest

from reports.errors import ReportError
from reports.ledger.reading.load import load_results
from reports.ledger.reading.recorded_experiment import Experiment, Version, read_experiment
from reports.ledger.trials import Trial
from tests.reports.ledger_builder import COMMAND, SPACE, LedgerBuilder


def test_the_newest_version_of_the_space_counts(tmp_path):
    folder = LedgerBuilder(tmp_path).write()
    path = folder / "experiment.json"
    record = json.loads(path.read_text())
    newer = {**record["versions"][0], "space": {**SPACE, "seeds": [7]}, "command": "run more"}
    record["versions"].append({**newer, "started_at": "2026-02-02T00:00:00+00:00"})
    path.write_text(json.dumps(record))
    experiment = read_experiment(folder)
    assert experiment.seeds == (7,)
    assert experiment.command == "run more"
    assert ("versions of the space", "2") in experiment.provenance
    assert ("first started", "2026-01-02 03:04 UTC") in experiment.provenance
    assert ("last changed", "2026-02-02 00:00 UTC") in experiment.provenance


def test_the_space_tells_objective_parameters_cells_and_seeds(tmp_path):
    experiment = read_experiment(LedgerBuilder(tmp_path).write())
    assert (experiment.metric, experiment.mode, experiment.dataset) == ("mae", "min", "mosi")
    assert experiment.parameters == ("training.learning_rate.text", "training.batch_size")
    assert list(experiment.ablations["modules"]) == ["baseline", "remove MRM", "LSTM"]
    assert (experiment.seeds, experiment.confirm_seeds) == ((1, 2, 3), (1, 2))
    assert experiment.command == COMMAND


def test_a_dataset_that_is_recorded_whole_is_called_by_its_name(tmp_path):
    whole = {"name": "own", "label_bound": 2.0, "metrics": "regression"}
    space = {**SPACE, "data": {"dataset": whole, "unaligned": "a.pkl"}}
    assert read_experiment(LedgerBuilder(tmp_path).write(space)).dataset == "own"


@pytest.mark.parametrize("dataset", [3, ["mosi"], {"name": 3}])
def test_a_dataset_without_a_name_is_nothing_that_a_run_writes(tmp_path, dataset):
    folder = LedgerBuilder(tmp_path).write({**SPACE, "data": {"dataset": dataset}})
    with pytest.raises(ReportError, match="dataset"):
        read_experiment(folder)


def test_code_versions_and_machine_are_said(tmp_path):
    provenance = dict(read_experiment(LedgerBuilder(tmp_path).write()).provenance)
    assert provenance["versions"] == "python 3.11.9, torch 2.13.0"
    assert provenance["git commit"] == "abc123 with changes"
    assert provenance["machine"] == "Linux, 2 CPUs, 8.0 GiB, no GPU"


def test_the_kind_of_cpu_is_said_where_it_is_recorded(tmp_path):
    folder = LedgerBuilder(tmp_path).write()
    file = folder / "experiment.json"
    record = json.loads(file.read_text())
    record["versions"][-1]["environment"]["machine"]["cpu"] = "AMD EPYC AVX2"
    file.write_text(json.dumps(record))
    machine = dict(read_experiment(folder).provenance)["machine"]
    assert machine == "Linux, 2 CPUs (AMD EPYC AVX2), 8.0 GiB, no GPU"


def test_a_space_without_search_or_confirmation_has_none(tmp_path):
    space = {"name": "cells", "data": {"dataset": "synthetic"}, "search": None, "confirm": None}
    experiment = read_experiment(LedgerBuilder(tmp_path).write(space))
    assert (experiment.metric, experiment.mode) == ("mae", "min")
    assert (experiment.parameters, experiment.confirm_seeds, experiment.ablations) == ((), (), {})


@pytest.mark.parametrize("text", ["", "[]", '{"versions": []}', '{"versions": [{}]}'])
def test_what_no_run_writes_is_refused(tmp_path, text):
    (tmp_path / "experiment.json").write_text(text)
    with pytest.raises(ReportError, match="restore it, or move it away and report the run by"):
        load_results(tmp_path)


def test_null_stands_for_what_is_not_recorded(tmp_path):
    assert read_experiment(tmp_path) is None
    version = {"space": {"seeds": [1]}, "source": None, "data": None, "search_trials": None}
    (tmp_path / "experiment.json").write_text(json.dumps({"versions": [version]}))
    experiment = read_experiment(tmp_path)
    assert (experiment.name, experiment.newest) == (tmp_path.name, Version(space={"seeds": [1]}))


def version(started_at, **values):
    return Version(started_at=f"2026-01-{started_at}", **values)


FIRST = version("02T00:00:00+00:00", data={"unaligned": "a"})
SECOND = version("04T00:00:00+02:00", data={"unaligned": "b"})
THIRD = version("06T00:00:00+00:00", data={"unaligned": "a", "aligned": "c"})


@pytest.mark.parametrize(
    ("data", "ended", "expected"),
    [
        ("a", datetime(2026, 1, 3, tzinfo=UTC), FIRST),
        ("a", datetime(2026, 1, 7, tzinfo=UTC), THIRD),
        ("b", datetime(2026, 1, 3, 23, tzinfo=UTC), SECOND),  # an hour after it began
        ("c", datetime(2026, 1, 7, tzinfo=UTC), THIRD),
        ("a", datetime(2025, 1, 1, tzinfo=UTC), THIRD),  # taken over from another run
        ("unknown", datetime(2026, 1, 5, tzinfo=UTC), SECOND),
    ],
)
def test_a_trial_belongs_to_the_version_that_read_its_data_at_its_time(data, ended, expected):
    trial = Trial(key="k", status="finished", seed=1, data_fingerprint=data, ended_at=ended)
    experiment = Experiment(name="run", versions=(FIRST, SECOND, THIRD))
    assert experiment.version_of(trial) == expected


def test_a_run_without_a_record_has_an_empty_version():
    trial = Trial(key="k", status="finished", seed=1)
    assert Experiment(name="run").version_of(trial) == Version()
    assert Experiment(name="run", versions=(Version(),)).version_of(trial) == Version()
