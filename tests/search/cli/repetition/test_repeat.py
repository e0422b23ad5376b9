"""``sugrm-search repeat``: trials of a real run are repeated; then its record is changed."""

import json
import re
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
    chosen = "the confirmed configuration 1, chosen on validation; seeds 1, 2; "
    assert printed.startswith(f"repeating mini: {chosen}")
    assert " of computing in the record; in repeated/repeat-" in printed.splitlines()[0]
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
    assert "an earlier command computed all of it; to compute it anew, name another " in printed
    assert " (computed by an earlier command, 20" in printed
    assert load_results(folder).trials == before


def test_a_trial_that_the_search_stopped_is_compared_up_to_there(repeat):
    trials = load_results(RECORD).trials.values()
    stopped = next(trial for trial in trials if trial.status == "stopped")
    code, printed, errors = repeat("--key", stopped.key)
    assert code == 0
    assert (
        f"seed {stopped.seed}: equal to the record in 1 epoch and 2 label vectors; the search "
        "stopped it there, the repetition ran on to epoch 2\n" in printed
    )
    assert errors.startswith("warning: this is a trial of the search: the report of its repetition")


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
    assert f"seed {trial.seed}: finished, recorded as failed (oom); equal to the rec" in printed
    assert "nothing else differs" not in printed
    assert last_line(printed) == "ended as recorded: 0 of 1 trial"


def diverging(column):
    config = json.loads(column[0].as_py())
    config["training"]["learning_rate"]["others"] = 1e38
    return compute.if_else(True, json.dumps(config), column)


def test_a_trial_that_fails_while_its_record_finished_differs_and_its_traceback_is_named(repeat):
    set_column("trials", "config", diverging)
    code, printed, errors = repeat(*CELL)
    assert (code, errors) == (1, "")
    assert "seed 1: failed (nan: " in printed
    assert "), recorded as finished" in printed
    assert "tracebacks: " in printed
    assert last_line(printed) == NOT_EQUAL


@pytest.mark.parametrize("message", [None, "another message"])
def test_a_failure_that_comes_again_is_as_recorded_where_its_message_is_the_same(repeat, message):
    set_column("trials", "config", diverging)
    _, printed, _ = repeat(*CELL)
    (own,) = re.findall(r"failed \(nan: (.*)\), recorded as", printed)
    for name, value in (("status", "failed"), ("failure", "nan"), ("message", message or own)):
        set_column("trials", name, lambda column, value=value: compute.if_else(True, value, column))
    for table in ("epochs", "labels", "predictions"):
        shutil.rmtree(RECORD / table)
    trial = next(iter(load_results(RECORD).trials.values()))
    code, printed, _ = repeat("--key", trial.key, "--out", "again")
    assert code == (0 if message is None else 1)
    same = "as recorded" if message is None else "recorded as failed (nan: another message)"
    assert f"seed {trial.seed}: failed (nan: {own}), {same}\n" in printed
    assert ("tracebacks" in printed) == (message is not None)
    assert last_line(printed) == f"ended as recorded: {int(message is None)} of 1 trial"


def test_threads_are_a_cause(repeat):
    record = json.loads((RECORD / "experiment.json").read_text())
    record["versions"][0]["space"]["resources"]["cpus"] = 2
    (RECORD / "experiment.json").write_text(json.dumps(record))
    set_column("trials", "valid_mae", lambda column: compute.add(column, 0.5))
    _, printed, _ = repeat(*CELL, "--set", "resources.cpus=1")
    assert "  threads of a trial (resources.cpus): 1, recorded 2\n" in printed


def test_some_seeds_are_repeated_in_the_folder_of_all(repeat):
    _, first, _ = repeat("--seed", "2")
    assert last_line(first) == EQUAL
    code, printed, _ = repeat("--seed", "1", "--seed", "2", "--launcher", "sequential")
    assert code == 0
    assert "seed 2: equal to the record in 18 metrics" in printed
    assert printed.count("computed by an earlier command") == 1
    assert len(list(Path("repeated").iterdir())) == 1


def test_what_the_record_lacks_is_named(repeat):
    shutil.rmtree(RECORD / "predictions")
    shutil.rmtree(RECORD / "labels")
    _, printed, _ = repeat(*CELL)
    assert (
        "in 18 metrics and 2 epochs; the record lacks its predictions and label vectors" in printed
    )


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
        (("--out", "runs/mini"), "runs/mini is part of a run"),
        (("--out", "runs/mini/repeated"), "runs/mini/repeated is part of a run"),
        (("--key", "none"), "the run mini has no such trial"),
        (("--cell", "modules/none"), "no such cell"),
        (("--seed", "9"), "has finished trials with the seeds 1, 2"),
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
    assert "the trials read the unaligned data reviews.csv, and there is no such file in " in (
        capsys.readouterr().err
    )
    moved = ["repeat", "mini", "--out", "again", "--data", "unaligned=moved.csv"]
    assert execute(moved) == 0
    Path("moved.csv").write_text("\n".join(["text,label", *rows[::-1], ""]))
    assert execute([*moved, "--out", "other"]) == 2
    printed = capsys.readouterr()
    assert "the data of this machine differ from the record in runs/mini" in printed.err
    assert not Path("other").exists()
