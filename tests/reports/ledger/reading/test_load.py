import math
import shutil
from datetime import timedelta

import pytest
from pyarrow import parquet

from reports.errors import ReportError, RunNotFoundError, UnknownNameError
from reports.ledger.reading.load import load_results, load_run
from tests.reports.ledger_builder import START, LedgerBuilder, tiny_run


def test_a_run_is_read_with_trials_roles_and_experiment(tmp_path):
    results = load_results(tiny_run(tmp_path / "tiny"))
    assert len(results.trials) == 12
    assert [role.number for role in results.roles if role.phase == "search"] == [0, 1, 2, 3]
    assert results.experiment.name == "tiny"
    assert results.warnings == []


def test_metrics_are_split_and_absent_where_null(tmp_path):
    trials = load_results(tiny_run(tmp_path / "tiny")).trials
    assert trials["s0"].valid["mae"] == 0.90
    assert trials["s0"].test["mae"] == 0.95
    assert trials["s2"].test == {}
    assert trials["s3"].valid == {}


def test_equal_rows_of_merged_parts_count_once(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0)
    builder.write()
    for table in ("trials", "roles"):
        builder.part(table, "merged", builder.rows[table])
    results = load_results(tmp_path)
    assert (len(results.trials), len(results.roles)) == (1, 1)


@pytest.mark.parametrize("finished_first", [True, False])
def test_of_one_key_the_finished_row_wins(tmp_path, finished_first):
    builder = LedgerBuilder(tmp_path)
    statuses = ["finished", "failed"] if finished_first else ["failed", "finished"]
    for status in statuses:
        builder.trial("a", status=status)
    assert load_results(builder.write()).trials["a"].status == "finished"


def test_of_equal_statuses_the_newest_row_wins(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.trial("a", 0.5, ended_at=START + timedelta(days=1))
    builder.trial("a", 0.9, ended_at=START)
    assert load_results(builder.write()).trials["a"].valid["mae"] == 0.5


def test_an_infinite_metric_reads_as_undefined(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.trial("a", valid_loss=math.inf)
    assert math.isnan(load_results(builder.write()).trials["a"].valid["loss"])


def test_epochs_labels_and_predictions_are_read_on_demand_without_repetitions(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0)
    epochs = [{"key": "s0", "epoch": epoch, "valid_mae": 1.0} for epoch in (1, 2)]
    labels = [{"key": "s0", "epoch": 1, "task": "T", "labels": [0.5, -0.5]}]
    said = [{"key": "s0", "split": "test", "id": str(n), "label": 1.0} for n in range(3)]
    for name in ("part", "part-again"):
        builder.part("epochs", name, epochs)
        builder.part("labels", name, labels)
        builder.part("predictions", name, said)
    builder.part("trials", "part", builder.rows["trials"])
    results = load_results(tmp_path)
    assert results.epochs()["epoch"].to_pylist() == [1, 2]
    assert results.labels()["labels"].to_pylist() == [[0.5, -0.5]]
    assert results.predictions()["id"].to_pylist() == ["0", "1", "2"]
    for frame in (results.epochs_frame, results.labels_frame, results.predictions_frame):
        with pytest.raises(
            UnknownNameError, match=r"unknown key of a trial 's1': expected one of s0"
        ):
            frame("s1")


def test_a_run_that_is_in_the_folder_runs_is_meant(tmp_path):
    only_run = LedgerBuilder(tmp_path / "runs" / "mine")
    only_run.searched(0)
    only_run.write()
    with pytest.raises(RunNotFoundError, match=r"did you mean .*runs/mine\?"):
        load_results(tmp_path / "mine")


def test_a_damaged_part_is_in_the_warnings(tmp_path):
    folder = tiny_run(tmp_path / "tiny")
    (folder / "roles" / "cut.parquet").write_bytes(b"PAR1")
    (warning,) = load_results(folder).warnings
    assert warning.startswith("left out the damaged part roles/cut.parquet: ")


def test_a_damaged_part_of_a_table_read_later_is_named_once(tmp_path, caplog):
    results = load_results(tiny_run(tmp_path / "tiny"))
    results.folder.joinpath("epochs", "cut.parquet").write_bytes(b"PAR1")
    for _ in range(3):
        results.epochs()
    (warning,) = results.warnings
    assert warning.startswith("left out the damaged part epochs/cut.parquet: ")
    assert [one.getMessage() for one in caplog.records] == [f"{results.folder}: {warning}"]


def test_a_missing_run_names_those_that_exist(tmp_path):
    tiny_run(tmp_path / "tiny")
    with pytest.raises(RunNotFoundError) as caught:
        load_results(tmp_path / "tinny")
    assert str(caught.value) == (
        f"no run folder {tmp_path / 'tinny'}: expected a folder that `sugrm-search run` wrote; "
        f"{tmp_path} holds tiny"
    )


def test_a_missing_runs_folder_is_named(tmp_path):
    with pytest.raises(RunNotFoundError, match="does not exist either"):
        load_results(tmp_path / "runs" / "demo")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "notes").mkdir()
    with pytest.raises(RunNotFoundError, match=r"notes is not a run: .* holds no run yet"):
        load_results(tmp_path / "notes")


def test_a_run_without_experiment_is_read_under_its_folder_name(tmp_path):
    builder = LedgerBuilder(tmp_path / "bare")
    builder.searched(0)
    results = load_results(builder.write(space=None))
    assert results.experiment.name == "bare"
    assert len(results.trials) == 1


def test_a_damaged_experiment_is_one_clear_error(tmp_path):
    folder = tiny_run(tmp_path / "tiny")
    (folder / "experiment.json").write_text('{"name": "tiny", "versions": [', encoding="utf-8")
    with pytest.raises(ReportError, match=r"experiment\.json is damaged \(Expecting value"):
        load_results(folder)


@pytest.mark.parametrize("table", ["epochs", "labels", "predictions"])
def test_the_rows_of_some_trials_are_those_of_all_but_the_others(tmp_path, table):
    """Of two parts, and in one of several row groups, the rows of two of four trials."""
    builder = LedgerBuilder(tmp_path)
    values = {"epochs": {"epoch": 1}, "labels": {"epoch": 1, "task": "T"}, "predictions": {}}[table]
    rows = [{"key": key, "id": "u", "split": "test", **values} for key in "abcd"]
    folder = builder.write()
    part = builder.part(table, "merged", rows[:3])
    parquet.write_table(parquet.read_table(part), part, row_group_size=1)
    builder.part(table, "single", rows[3:])
    results = load_results(folder)
    read = getattr(results, table)
    assert read()["key"].to_pylist() == ["a", "b", "c", "d"]
    assert read({"b", "d", "absent"})["key"].to_pylist() == ["b", "d"]
    assert read(set()).num_rows == 0
    assert read({"absent"}).schema == read().schema


def test_a_ledger_of_an_older_version_has_no_utterances(tmp_path):
    folder = tiny_run(tmp_path)
    shutil.rmtree(folder / "utterances")
    assert load_results(folder).utterances().num_rows == 0


def test_a_run_without_a_trial_is_refused_with_the_command_that_continues_it(usual_runs):
    folder = LedgerBuilder(usual_runs / "empty").write()
    with pytest.raises(ReportError) as caught:
        load_run(folder)
    assert str(caught.value) == (
        f"the run {folder} has no trial that ended: expected at least one; start or continue it "
        "with `sugrm-search run spaces/demo.yaml`"
    )


def test_of_many_parts_that_cannot_be_read_the_first_are_named(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    folder = builder.write()
    for number in range(5):
        builder.part("trials", f"part{number}", []).write_bytes(b"")
    with pytest.raises(ReportError) as caught:
        load_run(folder)
    _, *named, more = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in named] == [
        f"left out the damaged part trials/part{number}.parquet" for number in range(3)
    ]
    assert more == "and 2 more like them"
