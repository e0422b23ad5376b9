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
EQUAL, NOT_EQUAL = (f"equal to the record to the last bit: {n} of 1 trial" for n in (1, 0))


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
        same = f"seed {seed}: equal to the record in 18 metrics, 2 epochs, 32 predictions and 4 "
        assert same in printed
    assert last_line(printed) == "equal to the record to the last bit: 2 of 2 trials"


def test_a_cell_is_computed_once_and_a_second_command_says_so(repeat):
    code, printed, _ = repeat(*CELL)
    assert (code, last_line(printed)) == (0, EQUAL)
    assert "an earlier command" not in printed
    (folder,) = Path("repeated").iterdir()
    before = load_results(folder).trials
    assert list(before) == [folder.name.removeprefix("repeat-")]
    code, printed, _ = repeat(*CELL, "--seed", "1")
    assert code == 0
    assert printed.startswith("an earlier command computed all of it; to compute it anew, name ")
    assert load_results(folder).trials == before


def test_a_trial_that_the_search_stopped_is_compared_up_to_there(repeat):
    trials = load_results(RECORD).trials.values()
    stopped = next(trial for trial in trials if trial.status == "stopped")
    code, printed, _ = repeat("--key", stopped.key)
    assert code == 0
    assert f"seed {stopped.seed}: equal to the record in 1 epoch and 2 label vectors\n" in printed


def test_a_record_without_numbers_equals_nothing(repeat):
    trials = load_results(RECORD).trials.values()
    stopped = next(trial for trial in trials if trial.status == "stopped")
    shutil.rmtree(RECORD / "epochs")
    shutil.rmtree(RECORD / "labels")
    code, printed, _ = repeat("--key", stopped.key)
    assert code == 1
    assert f"seed {stopped.seed}: the record holds no number\n" in printed


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
        "seed 1: differs from the record in 1 of 18 metrics (valid/mae), by at most 0.5; in the "
        "numbers of epoch 1 and later, at first by 0.25"
    )
    assert title == "what else differs from the record, and may be the cause:"
    assert processor.startswith("  processor: ")
    assert processor.endswith(", recorded another")
    assert torch.startswith("  torch: 2.")
    assert total == NOT_EQUAL


def test_a_difference_without_a_known_cause_says_so(repeat):
    set_column("predictions", "prediction_M", lambda column: compute.add(column, 2.0))
    code, printed, _ = repeat(*CELL)
    assert code == 1
    assert "seed 1: differs from the record in 32 of 32 predictions, by at most 2\n" in printed
    assert "nothing else differs that the record names: data, encoder, processor, " in printed


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
    assert f"seed {trial.seed}: finished, recorded as failed (oom)\n" in printed
    assert last_line(printed) == NOT_EQUAL


def diverging(column):
    config = json.loads(column[0].as_py())
    config["training"]["learning_rate"]["others"] = 1e38
    return compute.if_else(True, json.dumps(config), column)


def test_a_trial_that_fails_while_its_record_finished_differs_and_its_traceback_is_named(repeat):
    set_column("trials", "config", diverging)
    code, printed, errors = repeat(*CELL)
    assert (code, errors) == (1, "")
    assert "seed 1: failed (nan), recorded as finished\n" in printed
    assert "tracebacks: " in printed
    assert last_line(printed) == NOT_EQUAL


def test_a_failure_that_comes_again_is_as_recorded(repeat):
    set_column("trials", "config", diverging)
    set_column("trials", "status", lambda column: compute.if_else(True, "failed", column))
    set_column("trials", "failure", lambda column: compute.if_else(True, "nan", column))
    for table in ("epochs", "labels", "predictions"):
        shutil.rmtree(RECORD / table)
    trial = next(iter(load_results(RECORD).trials.values()))
    code, printed, _ = repeat("--key", trial.key)
    assert code == 0
    assert f"seed {trial.seed}: failed (nan), as recorded\n" in printed
    assert "tracebacks" not in printed
    assert last_line(printed) == EQUAL


def test_a_record_of_other_calculations_is_told_before_they_begin(repeat):
    set_column("trials", "numerics", lambda column: compute.if_else(True, 1, column))
    code, printed, errors = repeat(*CELL)
    assert code == 0  # only its number was changed
    assert errors.startswith("warning: the record is of version 1 of the calculations, and this ")
    assert last_line(printed) == EQUAL


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("config", None, "cannot be repeated: its configuration is not recorded"),
        ("data_fingerprint", "0" * 64, "cannot be repeated: it read data that no recorded version"),
        ("encoder_fingerprint", "0" * 64, "the text encoder of this machine differs from the rec"),
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
        (("--seed", "9"), "has finished trials with the seeds 1, 2; name one of them"),
        (("--data", "none.pkl"), "none.pkl"),
        (("--set", "seeds=[3]"), "expected a key of resources"),
        (("--set", "resources.cpus=none"), "resources.cpus"),
    ],
)
def test_what_cannot_be_repeated_is_told_in_one_message(repeat, options, message):
    code, printed, errors = repeat(*options)
    assert (code, printed) == (2, "")
    assert message in errors
    assert "Traceback" not in errors
    assert not Path("repeated").exists()


def test_each_trial_is_repeated_with_the_data_of_its_own_version(
    mini, tmp_path, monkeypatch, capsys
):
    """The space was changed after its first trial: more utterances, another configuration."""
    monkeypatch.chdir(tmp_path)
    cells = ("search=", "confirm=", "seeds=[1]", SEQUENTIAL, "ablations={one: {cell: {}}}")
    for train in (16, 20):
        run_space(mini(*cells, f"data.synthetic.train={train}"), runs=Path("runs"))
    keys = load_results(RECORD).trials
    assert len(keys) == 2
    for key in keys:
        assert execute(["repeat", "mini", "--key", key]) == 0
        assert last_line(capsys.readouterr().out) == EQUAL


PLUGIN = """
from sugrm.plugins import DatasetDescription

PODCASTS = DatasetDescription(name="podcasts", label_bound=2, metrics="regression")
"""
PODCASTS = """
name: mini
plugins: [podcasts.py]
data: {dataset: podcasts, unaligned: reviews.csv}
experiment:
  preset: text_only
  model: {text: {name: tiny}}
  training: {max_epochs: 1, device: cpu}
ablations: {one: {cell: {}}}
seeds: [1]
resources: {launcher: sequential}
"""


@pytest.mark.slow
def test_a_dataset_of_a_plugin_needs_no_plugin(tmp_path, monkeypatch, capsys, corpus_cache):
    """Its description is recorded as a whole."""
    monkeypatch.setenv("SUGRM_CACHE", str(corpus_cache))
    monkeypatch.chdir(tmp_path)
    Path("podcasts.py").write_text(PLUGIN)
    Path("mini.yaml").write_text(PODCASTS)
    rows = [f"words of talk {number},{number % 5 - 2}" for number in range(80)]
    Path("reviews.csv").write_text("\n".join(["text,label", *rows, ""]))
    assert execute(["run", "mini.yaml"]) == 0
    Path("podcasts.py").unlink()
    capsys.readouterr()
    assert execute(["repeat", "mini"]) == 0
    assert last_line(capsys.readouterr().out) == EQUAL
    Path("reviews.csv").rename("moved.csv")
    assert execute(["repeat", "mini", "--out", "again"]) == 2
    assert "where it lies elsewhere, add --data unaligned=PATH" in capsys.readouterr().err
    moved = ["repeat", "mini", "--out", "again", "--data", "unaligned=moved.csv"]
    assert execute(moved) == 0
    Path("moved.csv").write_text("\n".join(["text,label", *rows[::-1], ""]))
    assert execute([*moved, "--out", "other"]) == 2
    printed = capsys.readouterr()
    assert "the data of this machine differ from the record in runs/mini" in printed.err
    assert not Path("other").exists()
