import shlex

import pytest

from reports.errors import NotRepeatableError
from reports.ledger.reading.load import load_results
from reports.ledger.reading.run_command import in_folder, run_words, with_values
from tests.reports.ledger_builder import tiny_run

TYPED = "sugrm-search run spaces/demo.yaml"


@pytest.mark.parametrize(
    ("typed", "runs", "expected"),
    [
        ("", "runs", ""),
        ("", "./runs/", ""),
        (" --runs ./runs", "runs", " --runs ./runs"),
        ("", "docs/results", " --runs docs/results"),
        ("", "my runs", " --runs 'my runs'"),
        (" --runs old --quiet", "new", " --quiet --runs new"),
        (" --runs=old", "runs", ""),
        (" --runs s3://bucket/a", "s3://bucket/a", " --runs s3://bucket/a"),
        (" --runs s3://bucket/a", "copies", " --runs copies"),
        (" --row 'g/a b'", "new", " --row 'g/a b' --runs new"),
        (" --set 'seeds=[1, 2]'", "new", " --set 'seeds=[1, 2]' --runs new"),
    ],
)
def test_a_command_names_the_folder_in_which_the_run_is(typed, runs, expected):
    assert in_folder(TYPED + typed, runs) == TYPED + expected


def test_the_folder_comes_before_words_that_are_no_options():
    command = in_folder("sugrm-search run -- -odd.yaml", "new")
    assert shlex.split(command) == ["sugrm-search", "run", "--runs", "new", "--", "-odd.yaml"]
    assert run_words(command) == (["-odd.yaml"], [("--runs", "new")])


def test_an_option_of_another_version_is_named():
    with pytest.raises(
        NotRepeatableError, match="the recorded command has an unknown option --new"
    ):
        run_words("sugrm-search run a.yaml --new 3")


@pytest.mark.parametrize("command", ["", "python train.py --x", "sugrm-search run 'open"])
def test_another_command_stays_as_it_is_and_takes_no_values(command):
    assert in_folder(command, "elsewhere") == command
    with pytest.raises(NotRepeatableError):
        with_values(command, {"seeds": "[1]"})


def test_values_replace_those_that_the_command_sets():
    command = with_values(
        f"{TYPED} --set seeds=[1] --set name=x --runs r --set confirm.seeds=[1]",
        {"seeds": "[1, 2]", "confirm.seeds": "[3]"},
    )
    assert run_words(command)[1] == [
        ("--set", "name=x"),
        ("--runs", "r"),
        ("--set", "seeds=[1, 2]"),
        ("--set", "confirm.seeds=[3]"),
    ]


def test_the_command_of_a_run_names_the_folder_that_holds_it(usual_runs, tmp_path):
    assert load_results(tiny_run(usual_runs / "tiny")).command == TYPED
    moved = load_results(tiny_run(tmp_path / "copies" / "tiny"))
    assert moved.command == f"{TYPED} --runs {tmp_path / 'copies'}"
    assert moved.experiment.command == TYPED
