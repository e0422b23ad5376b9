"""What a user installs: no tests, all data files, a description that reads without the checkout."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True, timeout=300)
    (file,) = folder.glob("*.whl")
    return file


def read(wheel, name):
    with zipfile.ZipFile(wheel) as archive:
        (found,) = (each for each in archive.namelist() if each.endswith(name))
        return archive.read(found).decode()


def test_the_wheel_holds_the_packages_and_their_files_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in inside} == {"sugrm", "search", "reports", "spaces"}
    tracked = subprocess.run(
        ["git", "ls-files", "sugrm", "search", "reports", "spaces"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert set(tracked) <= inside
    assert not [name for name in inside if Path(name).name.startswith(("test_", "conftest"))]


def test_its_description_leads_nowhere_that_does_not_exist(wheel):
    description = read(wheel, ".dist-info/METADATA").split("\n\n", 1)[1]
    links = re.findall(r"\]\(([^)]*)\)", description)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
    assert "![" not in description
    assert "[data](docs" not in description
    assert "(data)" in description


def test_it_passes_the_check_of_the_index(wheel):
    pytest.importorskip("twine", reason="twine is not installed: pip install twine")
    command = [sys.executable, "-m", "twine", "check", "--strict", wheel]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
