import json
import os
from dataclasses import replace

import pytest

from reports.ledger.reading.recorded_experiment import Version
from search.ledger.experiment_file import (
    RunFolderError,
    check_folder,
    check_writable,
    command_line,
    read_experiment,
    record_experiment,
)
from search.ledger.lock import RunLock

VERSION = Version(
    space={"name": "mini"},
    source="name: mini",
    command="sugrm-search run mini.yaml",
    data={"unaligned": "f" * 20},
    environment={"python": "3.11"},
    total=3,
)


def versions(folder):
    return json.loads((folder / "experiment.json").read_text())["versions"]


def test_the_command_is_quoted_for_any_shell(monkeypatch):
    """Brackets and stars unquoted are file patterns: zsh refuses them, bash may expand them."""
    typed = ["/venv/bin/sugrm-search", "run", "my space.yaml", "--set", "seeds=[1, 2]", "it's*"]
    monkeypatch.setattr("sys.argv", typed)
    assert command_line() == (
        """sugrm-search run 'my space.yaml' --set 'seeds=[1, 2]' 'it'"'"'s*'"""
    )
    monkeypatch.setattr("sys.argv", [])
    assert command_line() == ""


def test_a_version_is_recorded_once(tmp_path):
    record_experiment(tmp_path, "mini", version=VERSION)
    record_experiment(tmp_path, "mini", version=replace(VERSION, command="typed otherwise"))
    assert [version["command"] for version in versions(tmp_path)] == [VERSION.command]


def test_a_changed_space_is_appended(tmp_path):
    record_experiment(tmp_path, "mini", version=VERSION)
    record_experiment(tmp_path, "mini", version=replace(VERSION, source="name: mini # more"))
    assert [version["source"] for version in versions(tmp_path)] == [
        "name: mini",
        "name: mini # more",
    ]


def test_what_was_read_otherwise_is_recorded_and_nothing_where_all_is_as_it_stands(tmp_path):
    record_experiment(tmp_path, "mini", version=VERSION)
    assert "reading" not in versions(tmp_path)[0]
    remarks = {"unaligned": ("zeros in front are left out",)}
    record_experiment(tmp_path, "mini", version=replace(VERSION, reading=remarks))
    assert versions(tmp_path)[1]["reading"] == {"unaligned": ["zeros in front are left out"]}
    found = read_experiment(tmp_path)
    assert ("read", "zeros in front are left out") in found.provenance


def test_the_order_of_the_space_is_kept(tmp_path):
    """Reports show parameters and cells in that order."""
    space = {"search": {"parameters": {"b": {}, "a": {}}}}
    record_experiment(tmp_path, "mini", version=replace(VERSION, space=space))
    assert list(versions(tmp_path)[0]["space"]["search"]["parameters"]) == ["b", "a"]


def test_changed_data_is_said_plainly(tmp_path):
    assert record_experiment(tmp_path, "mini", version=VERSION) == []
    notes = record_experiment(
        tmp_path, "mini", version=replace(VERSION, data={"unaligned": "0" * 20})
    )
    assert notes[0].startswith("the unaligned data changed since the last run of this name")


def test_a_folder_of_its_own_name_or_none_is_taken(tmp_path):
    check_folder(tmp_path / "new", "mini")
    check_folder(tmp_path, "mini")
    record_experiment(tmp_path, "mini", version=VERSION)
    check_folder(tmp_path, "mini")


def test_a_run_of_another_name_is_refused(tmp_path):
    record_experiment(tmp_path, "mini", version=VERSION)
    with pytest.raises(RunFolderError, match="belongs to the run 'mini', not to 'other'"):
        check_folder(tmp_path, "other")


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(RunFolderError, match=r"holds files but no experiment\.json"):
        check_folder(tmp_path, "mini")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "mini").touch()
    with pytest.raises(RunFolderError, match="is a file; expected a run folder or nothing"):
        check_folder(tmp_path / "mini", "mini")


def test_a_folder_without_write_permission_is_named_before_anything_starts(tmp_path, monkeypatch):
    check_writable(tmp_path / "runs" / "demo")
    # The superuser, as whom tests may run, can write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(RunFolderError) as rejected:
        check_writable(tmp_path / "runs" / "demo")
    assert str(rejected.value) == (
        f"{tmp_path} cannot be written by this user, and the run would be in {tmp_path}/runs/demo; "
        "expected a folder with write permission; name another one with --runs"
    )


def test_a_damaged_record_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "experiment.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"experiment\.json cannot be read"):
        check_folder(tmp_path, "mini")
    assert (tmp_path / "experiment.json").read_text() == "{"


@pytest.mark.slow
def test_one_process_holds_a_run_at_a_time(tmp_path):
    with RunLock(tmp_path), pytest.raises(RunFolderError, match="in use by another run"):
        RunLock(tmp_path).__enter__()
    with RunLock(tmp_path):
        pass
