import shlex
from pathlib import Path

import pytest

from reports.errors import NotRepeatableError
from reports.ledger.reading.load import load_results
from reports.results.repetition.command import placed_start, repeat_command
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def only_trial(folder, **values):
    builder = LedgerBuilder(folder)
    builder.searched(0, **values)
    results = load_results(builder.write())
    return results, results.trials["s0"]


@pytest.mark.parametrize(
    ("folder", "options"),
    [
        ("runs/demo", []),
        ("results/demo", ["--runs", "results"]),
        ("repeated/demo", ["--runs", "repeated", "--out", "repeated_again"]),
        ('it\'s "big" | é/demo', ["--runs", 'it\'s "big" | é']),
    ],
)
def test_a_trial_is_repeated_by_its_key_in_the_folder_of_its_run(
    tmp_path, monkeypatch, folder, options
):
    monkeypatch.chdir(tmp_path)
    command = repeat_command(*only_trial(Path(folder)))
    assert shlex.split(command) == ["sugrm-search", "repeat", "demo", "--key", "s0", *options]


def test_a_run_that_a_script_began_has_commands_too(tmp_path):
    builder = LedgerBuilder(tmp_path / "demo")
    builder.searched(0)
    results = load_results(builder.write(SPACE, "python study.py"))
    assert repeat_command(results, results.trials["s0"]).startswith("sugrm-search repeat demo ")


def test_without_a_space_or_a_configuration_there_is_none_and_the_error_says_why(tmp_path):
    results, trial = only_trial(tmp_path / "demo", config=None)
    with pytest.raises(NotRepeatableError, match="its configuration is not recorded"):
        repeat_command(results, trial)
    (tmp_path / "demo" / "experiment.json").unlink()
    with pytest.raises(NotRepeatableError, match="the space of its run is not recorded"):
        repeat_command(load_results(tmp_path / "demo"), trial)


def test_a_model_to_start_from_is_named_by_its_path_where_it_is_a_run_beside(tmp_path):
    """The repetition lies in another folder of runs."""
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "experiment.json").write_text("{}")
    given = {"model": "first/12", "parts": ["text"]}
    assert placed_start(given, tmp_path) == {"model": f"{tmp_path}/first/12", "parts": ["text"]}
    assert placed_start("first", tmp_path) == f"{tmp_path}/first"
    assert placed_start("model/folder", tmp_path) == "model/folder"
