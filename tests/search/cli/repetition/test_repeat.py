"""``sugrm-search repeat``: trials of a real run are repeated; then its record is changed."""

import json
import shutil
from pathlib import Path

import pytest
from pyarrow import compute, parquet

from reports.ledger.checksums import add_checksum
from reports.ledger.reading.load import load_results
from search.cli.main import execute
from search.run import run_space

SEQUENTIAL = "resources.launcher=sequential"
SEARCH = ("search.trials=5", "search.scheduler={name: asha, min_epochs: 1, reduction: 2}")
RECORD, CELL = Path("runs/mini"), ("--cell", "modules/remove MRM")


@pytest.fixture(scope="module")
def record(tmp_path_factory, mini_spaces, corpus_cache):
    """The folder of runs with a run of every kind of trial, computed once."""
    runs = tmp_path_factory.mktemp("record")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUGRM_CACHE", str(corpus_cache))
        space = mini_spaces(*SEARCH, SEQUENTIAL, "seeds=[1]")
        run_space(space, runs=runs, command="sugrm-search run mini.yaml")
    return runs


@pytest.fixture
def repeat(record, tmp_path, capsys, monkeypatch, corpus_cache):
    """Repeat trials of a copy of the record; return the exit code, what it printed, and errors."""
    monkeypatch.setenv("SUGRM_CACHE", str(corpus_cache))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(record, "runs")

    def command(*options):
        code = execute(["repeat", "mini", *options])
        return code, *capsys.readouterr()

    return command


def set_column(table, name, values):
    """Replace a column of a table of the record by a function of it."""
    for path in (RECORD / table).glob("*.parquet"):
        rows = parquet.read_table(path)
        place, field = rows.schema.get_field_index(name), rows.schema.field(name)
        rows = rows.set_column(place, field, values(rows[name]).cast(field.type))
        parquet.write_table(rows, path, write_page_checksum=True)
        add_checksum(path)


def last_line(printed):
    return printed.splitlines()[-1]


def test_the_chosen_configuration_is_repeated_with_all_its_seeds(repeat):
    code, printed, errors = repeat("--launcher", "sequential")
    assert (code, errors) == (0, "")
    chosen = "the confirmed configuration 1, chosen on validation; seeds 1, 2; in repeated/repeat-"
    assert printed.startswith(f"repeating mini: {chosen}")
    for seed in (1, 2):
        same = f"seed {seed}: equal to the record in 19 metrics, 2 epochs and 32 predictions\n"
        assert same in printed
    assert last_line(printed) == "equal to the record to the last bit: 2 of 2 trials"


def test_a_cell_is_repeated_once_however_often_it_is_asked_for(repeat):
    code, printed, _ = repeat(*CELL)
    assert (code, last_line(printed)) == (
        0,
        "equal to the record to the last bit: 1 of 1 trial",
    )
    (folder,) = Path("repeated").iterdir()
    before = load_results(folder).trials
    assert list(before) == [folder.name.removeprefix("repeat-")]
    assert repeat(*CELL, "--seed", "1")[0] == 0
    assert load_results(folder).trials == before


def test_a_trial_that_the_search_stopped_is_compared_up_to_there(repeat):
    trials = load_results(RECORD).trials.values()
    stopped = next(trial for trial in trials if trial.status == "stopped")
    code, printed, _ = repeat("--key", stopped.key)
    assert code == 0
    assert f"seed {stopped.seed}: equal to the record in 1 epoch\n" in printed


def test_numbers_that_differ_are_named_with_what_may_be_the_cause(repeat):
    set_column("trials", "valid_mae", lambda column: compute.add(column, 0.5))
    set_column("epochs", "train_loss", lambda column: compute.add(column, 0.25))
    set_column("trials", "processor", lambda column: compute.if_else(True, "another", column))
    record = json.loads((RECORD / "experiment.json").read_text())
    record["versions"][0]["environment"]["packages"]["torch"] = "1.0"
    (RECORD / "experiment.json").write_text(json.dumps(record))
    code, printed, _ = repeat(*CELL)
    assert code == 1
    *_, differs, title, processor, torch, total = printed.splitlines()
    assert differs == (
        "seed 1: differs from the record in 1 of 19 metrics (valid/mae), by at most 0.5; epochs "
        "from 1 on, that one by at most 0.25"
    )
    assert title == "what else differs from the record, and may be the cause:"
    assert processor.startswith("  processor: ")
    assert processor.endswith(", recorded another")
    assert torch.startswith("  torch: 2.")
    assert total == "equal to the record to the last bit: 0 of 1 trial"


def test_a_difference_without_a_known_cause_says_so(repeat):
    set_column("predictions", "prediction_M", lambda column: compute.add(column, 2.0))
    code, printed, _ = repeat(*CELL)
    assert code == 1
    assert "seed 1: differs from the record in predictions, by at most 2\n" in printed
    assert "data, encoder, processor and package versions are those of the record" in printed


def test_a_trial_taken_over_was_not_repeated(repeat):
    shutil.copytree(RECORD, "repeated/mini")
    code, _, errors = repeat(*CELL)
    assert code == 2
    assert "seed 1 was not computed again: repeated/repeat-" in errors
    assert "name another folder: --out DIR" in errors


def test_a_trial_that_finishes_while_its_record_failed_differs(repeat):
    set_column("trials", "status", lambda column: compute.if_else(True, "failed", column))
    set_column("trials", "failure", lambda column: compute.if_else(True, "oom", column))
    trial = next(iter(load_results(RECORD).trials.values()))
    code, printed, _ = repeat("--key", trial.key)
    assert code == 1
    assert f"seed {trial.seed}: finished, while the recorded trial failed (oom)\n" in printed
    assert last_line(printed) == "equal to the record to the last bit: 0 of 1 trial"


def test_a_trial_that_fails_again_ends_as_a_run_whose_trials_fail(repeat):
    def broken(column):
        config = json.loads(column[0].as_py())
        config["training"]["learning_rate"]["others"] = 1e38
        return compute.if_else(True, json.dumps(config), column)

    set_column("trials", "config", broken)
    code, printed, errors = repeat(*CELL)
    assert (code, errors) == (1, "")
    assert "1 failed" in printed
    assert "tracebacks:" in printed


def test_a_record_of_other_calculations_is_told_before_they_begin(repeat):
    set_column("trials", "numerics", lambda column: compute.if_else(True, 1, column))
    code, printed, errors = repeat(*CELL)
    assert code == 0  # only its number was changed
    assert errors.startswith("warning: the record is of version 1 of the calculations, and this ")
    assert printed.endswith("equal to the record to the last bit: 1 of 1 trial\n")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("config", None, "cannot be computed again: its configuration is not recorded"),
        ("data_fingerprint", "0" * 64, "with the fingerprint 000000000000, which are not those"),
    ],
)
def test_a_record_that_is_not_enough_is_rejected(repeat, column, value, message):
    set_column("trials", column, lambda values: compute.if_else(True, value, values))
    code, printed, errors = repeat(*CELL)
    assert (code, printed) == (2, "")
    assert message in errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--cell", "modules/baseline", "--key", "a"), "got --key too; expected one of them"),
        (("--out", "runs"), "the folder of the run itself"),
        (("--out", "runs/../runs"), "the folder of the run itself"),
        (("--key", "none"), "the run mini has no such trial"),
        (("--cell", "modules/none"), "no such cell"),
        (("--seed", "9"), "has finished with the seeds 1, 2; name one of them"),
        (("--data", "none.pkl"), "none.pkl"),
    ],
)
def test_what_cannot_be_repeated_is_told_in_one_message(repeat, options, message):
    code, printed, errors = repeat(*options)
    assert (code, printed) == (2, "")
    assert message in errors
    assert "Traceback" not in errors
    assert not Path("repeated").exists()
