import os
import signal
import subprocess
import sys

import pytest

from search.cli.publishing import replacing
from search.cli.publishing.replacing import new_folder, put

KILLED = """
import os, pathlib, signal, sys
from search.cli.publishing import replacing
target, moment = pathlib.Path(sys.argv[1]), sys.argv[2]
kill = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
if moment == "before":
    replacing.put = kill
else:
    replacing.shutil.rmtree = kill
with replacing.new_folder(target) as folder:
    (folder / "a").write_text("new")
    (folder / "b").write_text("new")
    if moment == "within":
        kill()
"""


def write(folder, text):
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_text(text)


def content(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("moment", "left"), [("within", "old"), ("before", "old"), ("after", "new")]
)
def test_a_kill_leaves_the_old_folder_or_the_new_one(tmp_path, moment, left):
    target = tmp_path / "run"
    write(target, "old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(target), moment], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert content(target) == {"a": left, "b": left}
    with new_folder(target) as folder:
        (folder / "c").write_text("next")
    assert content(target) == {"c": "next"}
    assert os.listdir(tmp_path) == ["run"]  # what the killed command left is gone


def test_an_error_leaves_the_old_folder(tmp_path):
    target = tmp_path / "run"
    write(target, "old")
    with pytest.raises(FileNotFoundError), new_folder(target) as folder:
        (folder / "none" / "a").write_text("new")
    assert content(target) == {"a": "old", "b": "old"}
    assert os.listdir(tmp_path) == ["run"]


def test_without_a_swap_the_folder_is_replaced_by_renaming(tmp_path, monkeypatch):
    monkeypatch.setattr(replacing, "_swap", lambda *_: False)
    write(tmp_path / "run", "old")
    write(tmp_path / "new.tmp", "new")
    put(tmp_path / "new.tmp", tmp_path / "run")
    assert content(tmp_path / "run") == {"a": "new", "b": "new"}
    assert content(tmp_path / "new.tmp") == {"a": "old", "b": "old"}


def test_folders_of_other_runs_stay(tmp_path):
    (tmp_path / ".run-2-12345678.tmp").mkdir()
    with new_folder(tmp_path / "run"):
        pass
    assert sorted(os.listdir(tmp_path)) == [".run-2-12345678.tmp", "run"]
