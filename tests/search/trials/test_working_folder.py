"""The working folder may hold a copy of the packages, but only an equal one."""

import shutil
from pathlib import Path

import pytest

import sugrm
from search.cli.main import execute
from search.errors import SearchError
from search.trials.working_folder import check_working_folder

OURS = Path(sugrm.__file__).parent


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(OURS, tmp_path / "sugrm", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_folder_without_packages_of_these_names_is_taken(tmp_path):
    (tmp_path / "search").mkdir()  # a folder of files, no package
    check_working_folder(tmp_path)


def test_the_checkout_itself_and_an_equal_copy_are_taken(copied):
    check_working_folder(OURS.parent)
    check_working_folder(copied)


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_a_copy_with_other_code_is_rejected(copied, change):
    module = copied / "sugrm" / "errors.py"
    if change == "removed":
        module.unlink()
    elif change == "added":
        module = copied / "sugrm" / "more.py"
        module.touch()
    else:
        module.write_text(module.read_text() + "\n# changed\n")
    with pytest.raises(SearchError) as rejected:
        check_working_folder(copied)
    assert f"sugrm/{module.name} is not the same in both; expected equal code" in str(
        rejected.value
    )


def test_a_package_of_the_users_own_with_such_a_name_is_rejected_before_a_run(
    tmp_path, monkeypatch, mini_file, capsys
):
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    assert execute(["run", str(mini_file), "--dry-run"]) == 2
    assert "has a package search, which the workers would import" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
