"""TensorBoard over a run, as somebody sees it who opens it in a browser."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from reports.load import load_results

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.browser]

SPACE = """
name: seen
data: {dataset: synthetic, synthetic: {train: 16, valid: 8, test: 8}}
experiment:
  preset: [mosi, paper]
  model: {text: {name: tiny}, width: 8, encoder: {layers: 1, heads: 2}}
  training: {max_epochs: 2}
ablations:
  rates:
    baseline: {}
    faster: {training.learning_rate.others: 0.0125, objective.tasks: [M, T]}
seeds: [3]
"""
SECONDS = 90


@pytest.fixture
def run_folder(command, tmp_path):
    (tmp_path / "seen.yaml").write_text(SPACE)
    done = subprocess.run(**command("run", "seen.yaml"), capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path / "runs" / "seen"


@contextmanager
def tensorboard(folder, runs):
    """Start TensorBoard on a free port; yield its address once it knows so many runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--logdir", str(folder), "--host", "127.0.0.1", "--port", str(port))
    with (
        open(folder.parent / "tensorboard.log", "w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", *words], stdout=log, stderr=log
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: len(asked(f"{address}/data/runs")) == runs, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def asked(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)
    except OSError:
        return []


def wait_for(holds, process):
    end = time.monotonic() + SECONDS
    while not holds():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.3)


def test_scalars_hyper_parameters_and_label_histograms_are_shown(run_folder, browser, tmp_path):
    results = load_results(run_folder)
    epochs = results.epochs().to_pylist()
    names = [path.name for path in (run_folder / "tensorboard").iterdir()]
    with (
        tensorboard(run_folder / "tensorboard", runs=2) as address,
        browser(width=1400, height=1000) as tab,
    ):
        page = tab.page
        page.set_default_timeout(1000 * SECONDS)

        def opened(dashboard):
            page.goto("about:blank")
            page.goto(f"{address}/#{dashboard}")

        def shown(name, *texts):
            for text in texts:
                page.get_by_text(text, exact=True).locator("visible=true").first.wait_for()
            page.screenshot(path=tmp_path / f"{name}.png")

        opened("timeseries")
        page.locator("input[placeholder='Filter tags (regex)']").fill("^valid/mae$|^labels/T$")
        page.get_by_title("valid/mae").first.wait_for()
        page.get_by_title("labels/T").first.wait_for()
        last = [f"{row['valid_mae']:.4f}".rstrip("0") for row in epochs if row["epoch"] == 2]
        shown("timeseries", *names, *last)

        opened("scalars")
        shown("scalars", "best/acc5", "best/corr", *names)

        opened("hparams")
        columns = ("training.learning_rate.others", "objective.tasks", "best/acc5")
        # A number has five digits there; the tasks are a list in the ledger.
        shown("hparams", *columns, *results.trials, "0.012500", "M, T, A, V", "M, T")

        for dashboard, card in (("histograms", "histogram"), ("distributions", "distribution")):
            opened(dashboard)
            shown(dashboard, "labels/T", "labels/A", *names)
            loaded = page.locator(f"tf-{card}-loader")
            # Three modalities of the baseline and one of the cell that keeps the tasks M and T.
            assert loaded.count() == 4
            loaded.first.locator("path").nth(1).wait_for(state="attached")
        assert tab.errors == []
