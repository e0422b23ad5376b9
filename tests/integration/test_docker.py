"""The image of docs/docker.md, checked as far as this goes without Docker."""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()


def copied():
    """Return the paths of the checkout that the image copies."""
    return [path for line in LINES if line.startswith("COPY ") for path in line.split()[1:-1]]


def commands():
    """Return the words of each command of the page."""
    page = (ROOT / "docs" / "docker.md").read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"^\$ (.*)$", page, re.MULTILINE)]


def test_the_image_copies_files_that_exist_and_that_docker_does_not_ignore():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"sugrm", "search", "reports", "spaces", "constraints.txt"} <= set(copied())
    assert [path for path in copied() if not (ROOT / path).exists()] == []
    assert [path for path in copied() if any(fnmatch(path, each) for each in ignored)] == []


def test_the_containers_run_the_commands_of_the_readme():
    (build, *runs) = commands()
    image = build[build.index("-t") + 1]
    assert runs
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    demo = re.search(r"```sh\n(.*?)\n```", readme, re.DOTALL)[1]
    given = [shlex.join(words[words.index(image) + 1 :]) for words in runs]
    assert given == re.findall(r"bin/sugrm-search ([^&]+?)(?: &&|$)", demo)
    (mounted,) = {word.rpartition(":")[2] for words in runs for word in words if "$PWD" in word}
    assert f"WORKDIR {mounted}" == [line for line in LINES if line.startswith("WORKDIR")][-1]
    assert 'ENTRYPOINT ["sugrm-search"]' in LINES


@pytest.mark.slow
def test_the_copied_files_are_enough_to_build_the_package(tmp_path):
    folder = tmp_path / "copied"
    folder.mkdir()
    for path in copied():
        copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copy
        copy(ROOT / path, folder / path)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path]
    subprocess.run([*command, folder], check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {"search/cli/main.py", "spaces/demo.yaml"} <= set(archive.namelist())
