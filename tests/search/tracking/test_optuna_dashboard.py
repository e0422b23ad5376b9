"""optuna-dashboard shows a search while it runs: a browser opens it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.chromium import chromium, opened
from tests.search.tracking.recording import closed

pytestmark = pytest.mark.browser

FOUR_EPOCHS = "experiment.training.max_epochs=4"


@pytest.fixture
def dashboard():
    """Return a function that shows a journal on a port of loopback; it returns the address."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    program = shutil.which("optuna-dashboard", path=places)
    if program is None:
        pytest.skip("needs the extra watch: pip install optuna-dashboard")
    if chromium() is None:
        pytest.skip("needs Chromium")
    started = []

    def show(journal):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        command = [program, str(journal), "--host", "127.0.0.1", "--port", port, "--quiet"]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        address = f"http://127.0.0.1:{port}/"
        for _ in range(300):
            assert started[-1].poll() is None
            try:
                with urllib.request.urlopen(address, timeout=1):
                    return address
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(f"no answer from {address}")

    yield show
    for server in started:
        server.kill()
        server.wait()


def test_the_dashboard_shows_a_running_search(watched, dashboard, tmp_path):
    """The driver is killed in the second trial; the next command goes on while it is shown."""
    killed = watched(FOUR_EPOCHS, cut_off=5)
    (first,) = killed.ledger.trials.values()
    address = dashboard(killed.folder / "optuna.journal")
    with opened(height=1400) as tab:
        tab.page.goto(address)
        tab.page.get_by_role("link", name="mini").first.click()
        tab.page.get_by_text(f"{first.valid['mae']}", exact=False).first.wait_for()
        run = closed(watched(FOUR_EPOCHS))
        (best,) = run.ledger.index.best(run.space.search.goals, 1)
        value = run.ledger.trials[best].valid["mae"]
        assert best != first.key
        tab.page.reload()
        tab.page.get_by_text(f"{value}", exact=False).first.wait_for()
        tab.page.screenshot(path=tmp_path / "study.png")
        assert "mini" in tab.page.inner_text("body")
        assert {urlsplit(request).netloc for request in tab.requests} == {urlsplit(address).netloc}
