"""A run folder that was copied and renamed, and damaged parts: every command says the same."""

import shutil

import pytest

from search.cli.main import execute
from search.errors import SearchError
from search.ledger.experiment_file import check_folder
from tests.reports.ledger_builder import tiny_run

REFUSED = "belongs to the run 'tiny', not to 'copy'; expected the folder of a run to keep its name"


@pytest.fixture
def runs(tmp_path):
    """Return the folder of runs, with one run and a copy of it under another name."""
    tiny_run(tmp_path / "runs" / "tiny")
    shutil.copytree(tmp_path / "runs" / "tiny", tmp_path / "runs" / "copy")
    return tmp_path / "runs"


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "copy"),
        ("report", "copy"),
        ("report", "--compare", "tiny", "copy"),
        ("export", "copy", "--optuna", "a.journal"),
    ],
)
def test_every_command_refuses_a_renamed_copy_in_the_same_words(runs, capsys, arguments):
    assert execute([*arguments, "--runs", str(runs)]) == 2
    assert f"error: {runs / 'copy'} {REFUSED}" in capsys.readouterr().err


def test_a_run_of_that_name_refuses_it_in_the_same_words(runs):
    with pytest.raises(SearchError, match=REFUSED):
        check_folder(runs / "copy", "copy")


def test_the_other_runs_are_shown_beside_it(runs, capsys):
    assert execute(["status", "--runs", str(runs)]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("tiny: ")
    assert REFUSED in shown.err


@pytest.mark.slow
def test_a_copy_under_its_own_name_in_another_folder_is_a_run(runs, capsys):
    archive = runs.parent / "archive"
    shutil.copytree(runs / "tiny", archive / "tiny")
    for command in ("status", "report"):
        assert execute([command, "tiny", "--runs", str(archive)]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("table", ["trials", "roles"])
def test_status_names_a_damaged_part_in_the_words_of_the_report(runs, capsys, table):
    (runs / "tiny" / table / "cut.parquet").write_bytes(b"PAR1")
    shown = []
    for command in ("status", "report"):
        assert execute([command, "tiny", "--runs", str(runs)]) == 0
        shown.append(" ".join(capsys.readouterr().out.split()))
    said = f"left out the damaged part {table}/cut.parquet: "
    assert all(said in text for text in shown)
    assert f"warning: {said}" in shown[0]
