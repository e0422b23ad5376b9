"""``--runs``: a folder or an object store, in every command that takes it."""

import pytest

from reports.ledger.places.storage import place
from reports.ledger.reading.recorded_experiment import Version
from search.cli.main import execute
from search.ledger import Ledger, record_experiment

COMMANDS = (
    ["report"],
    ["status"],
    ["status", "demo"],
    ["export", "demo", "--optuna", "none.journal"],
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ("s3://nowhere/runs", "the store has no bucket 'nowhere'; expected one that exists"),
        ("s4://runs", "s4://runs is no place for runs; expected a folder, file:///FOLDER or s3://"),
        ("s3://key:secret@runs", "the address holds a key"),
        ("s3:/bucket/runs", "did you mean s3://BUCKET/PREFIX?"),
    ],
)
def test_a_place_that_does_not_serve_is_one_message(s3, capsys, command, runs, words):
    assert execute([*command, "--runs", runs]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert words in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_run_in_a_missing_bucket_is_refused_before_it_starts(s3, capsys, mini_file, options):
    assert execute(["run", str(mini_file), "--runs", "s3://nowhere/runs", *options]) == 2
    assert "the store has no bucket 'nowhere'" in capsys.readouterr().err


def test_a_folder_may_be_an_address(capsys, tmp_path):
    assert execute(["status", "--runs", tmp_path.as_uri()]) == 0
    assert f"no runs in {tmp_path}" in capsys.readouterr().out


def test_a_file_is_no_folder_of_runs(capsys, tmp_path):
    (tmp_path / "file").write_text("x")
    assert execute(["status", "--runs", str(tmp_path / "file")]) == 2
    assert "is a file; expected a folder" in capsys.readouterr().err


def test_the_runs_of_a_store_are_listed(s3, capsys):
    """A run without a trial, and one that is asked for but not there."""
    version = Version(space={}, source="", command="", data={}, environment={}, total=3)
    record_experiment(place(s3) / "demo", "demo", version=version)
    Ledger(place(s3) / "demo")
    assert execute(["status", "--runs", s3]) == 0
    assert f"demo: 0 of 3 done, not running, {s3}/demo" in capsys.readouterr().out
    assert execute(["report", "other", "--runs", s3]) == 2
    assert f"no run 'other' in {s3}" in capsys.readouterr().err
