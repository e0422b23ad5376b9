"""The folder of one run alone: short, closed to others, gone at the end."""

import os
import stat
import time

import pytest

from search.errors import SearchError
from search.tune.cluster.private_folder import MOST_BYTES, PREFIX, private_folder

SOCKET = "ray/session_2026-11-28_05-38-37_293141_4194304/sockets/plasma_store"
"""The longest path of a socket that Ray makes, with the largest process id of Linux."""


@pytest.fixture
def named(monkeypatch):
    """Name places for temporary files in variables; the others are not set."""

    def name(**places):
        for variable in ("RAY_TMPDIR", "TMPDIR"):
            monkeypatch.delenv(variable, raising=False)
        for variable, place in places.items():
            monkeypatch.setenv(variable, str(place))

    return name


@pytest.mark.parametrize("variable", ["RAY_TMPDIR", "TMPDIR"])
def test_a_long_place_for_temporary_files_is_left_for_a_short_one(named, tmp_path, variable):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    named(**{variable: long})
    with private_folder() as folder:
        assert str(folder.parent) == "/tmp"
        assert len(os.fsencode(folder / SOCKET)) <= 103
    assert not list(long.iterdir())


def test_a_short_place_for_temporary_files_is_used(named, monkeypatch, tmp_path):
    monkeypatch.setattr("search.tune.cluster.private_folder.MOST_BYTES", 500)
    named(TMPDIR=tmp_path)
    with private_folder() as folder:
        assert folder.parent == tmp_path
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "file").write_text("x", encoding="utf-8")
    assert not list(tmp_path.iterdir())


def test_the_most_bytes_leave_room_for_the_sockets_of_ray():
    assert MOST_BYTES + len(f"/{SOCKET}") <= 103


@pytest.mark.parametrize("variable", ["RAY_TMPDIR", "TMPDIR"])
def test_a_place_that_is_missing_is_named_with_its_variable(named, tmp_path, variable):
    named(**{variable: tmp_path / "missing"})
    message = rf"{variable} is .*missing, where nothing can be written; expected a folder"
    with pytest.raises(SearchError, match=message), private_folder():
        pytest.fail("made")


def test_without_any_short_place_the_message_says_what_helps(named, monkeypatch, tmp_path):
    monkeypatch.setattr("search.tune.cluster.private_folder._SHORT", (str(tmp_path / "none"),))
    named(TMPDIR=tmp_path)
    with pytest.raises(SearchError, match=r"of at most \d+ bytes .* name it with RAY_TMPDIR"):
        private_folder().__enter__()


def test_what_killed_runs_left_is_removed_and_what_runs_hold_stays(named, monkeypatch, tmp_path):
    monkeypatch.setattr("search.tune.cluster.private_folder.MOST_BYTES", 500)
    named(TMPDIR=tmp_path)
    old = time.time() - 3600
    for name in (f"{PREFIX}left", f"{PREFIX}new", "other"):
        (tmp_path / name).mkdir()
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(target)
    for name in (f"{PREFIX}left", "other", "target"):
        os.utime(tmp_path / name, (old, old))
    with private_folder() as held:
        os.utime(held, (old, old))
        with private_folder():
            assert held.is_dir()
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {f"{PREFIX}new", "other", "target", f"{PREFIX}link"}
