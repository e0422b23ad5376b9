"""The example notebook, executed as a reader would, in a kernel of its own."""

import json
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "examples" / "notebook.ipynb"

# Some editors execute cells in a thread that is not the main one.
IN_A_THREAD = """
import threading

def in_a_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]
"""


@pytest.fixture
def execute(tmp_path, monkeypatch):
    """Return a function that executes a notebook in an empty folder, with this Python."""
    nbclient = pytest.importorskip("nbclient", reason="part of the dev extra")
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    class OwnKernel(AsyncKernelManager):
        @property
        def kernel_spec(self):
            return KernelSpec(argv=launch, display_name="Python", language="python")

    def run(notebook):
        folder = tmp_path / "work"
        folder.mkdir()
        resources = {"metadata": {"path": str(folder)}}
        options = {"kernel_manager_class": OwnKernel, "timeout": 180, "resources": resources}
        client = nbclient.NotebookClient(notebook, **options)
        client.execute()
        return folder

    return run


def outputs_of(notebook, start):
    """Return the outputs of the one code cell that starts with some text."""
    (cell,) = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith(start)
    ]
    return cell.outputs


def shown(outputs):
    """Return what the last expression of a cell shows, by MIME type."""
    (data,) = [output.data for output in outputs if output.output_type != "stream"]
    return data


def printed(outputs, name="stdout"):
    texts = [o.text for o in outputs if o.output_type == "stream" and o.name == name]
    return "".join(texts).splitlines()


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 5
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)


@pytest.mark.cluster
def test_the_notebook_runs_and_its_second_run_in_a_thread(execute):
    nbformat = pytest.importorskip("nbformat", reason="part of the dev extra")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    again = next(cell for cell in notebook.cells if "search.trials=5" in cell.source)
    called = again.source.removeprefix("run = ")
    again.source = f"{IN_A_THREAD}\nrun = in_a_thread(lambda: {called})"
    folder = execute(notebook)

    first = outputs_of(notebook, "run = run_search(space")
    lines = printed(first)
    assert lines[0] == "notebook: at most 7 trials, 35 epochs"
    assert any(line.startswith("2 trials at once") for line in lines)
    assert sum("finished  valid/mae" in line for line in lines) == 4 + 3
    assert printed(first, "stderr") == []  # no message of a library
    assert "7 of 7 trials: 7 finished" in shown(first)["text/plain"]
    second = printed(outputs_of(notebook, IN_A_THREAD))
    assert "7 of 8 done: 7 finished, 0 stopped, 0 failed in the ledger" in second
    assert sum(line.startswith("search 4 ") for line in second) == 1

    assert "<table" in shown(outputs_of(notebook, "shown = "))["text/html"]
    assert "image/png" in shown(outputs_of(notebook, "epochs = "))
    assert "<table" in shown(outputs_of(notebook, "report = "))["text/html"]
    figure = shown(outputs_of(notebook, "report.figure"))["text/html"]
    assert "data:image/svg+xml;base64," in figure
    now, recorded = eval(shown(outputs_of(notebook, "seed = "))["text/plain"])
    assert now == recorded
    scores = shown(outputs_of(notebook, "write_model_folder"))["text/plain"]
    assert {"id", "score", "low", "high", "label"} <= set(scores.split())
    assert sorted(path.name for path in folder.iterdir()) == ["model", "runs"]
    assert (folder / "runs" / "notebook" / "space.yaml").is_file()
