"""Runs in MLflow: its own client reads them back, from a file of SQLite and from a server."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from tests.search.tracking.recording import RUN, ended_row, epoch, trial

pytest.importorskip("mlflow", reason="needs pip install mlflow-skinny")

# The package imports its tracing and its plug-ins, whose warnings are not ours.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

A, B = "a" * 16, "b" * 16


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The address of a store in a file of SQLite."""
    return f"sqlite:///{tmp_path_factory.mktemp('file')}/mlflow.db"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server of MLflow on loopback."""
    folder = tmp_path_factory.mktemp("server")
    for package in ("flask", "aiohttp"):  # mlflow-skinny has the server, without its packages
        pytest.importorskip(package, reason=f"MLflow's server needs {package}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    store = f"sqlite:///{folder}/server.db"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port]
    command += ["--backend-store-uri", store, "--artifacts-destination", str(folder / "kept")]
    without = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    environment = {**os.environ, **without}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--workers", "1"],
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # it has processes of its own
            server.wait()


def wait_for(url, server):
    for _ in range(1500):
        assert server.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


@pytest.fixture
def tracker(request, tmp_path, monkeypatch):
    """Return a function that opens the tracker of this test's run, as each command does.

    Its store is the file, or the fixture that the test names.
    """
    monkeypatch.chdir(tmp_path)
    address = request.getfixturevalue(getattr(request, "param", "file"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", request.node.name)
    from search.tracking.mlflow_runs import open_tracker

    return lambda: open_tracker(RUN)


def found(name):
    """Return MLflow's client, the run of the run, and those of its trials by key."""
    from mlflow import MlflowClient

    client = MlflowClient()
    runs = client.search_runs([client.get_experiment_by_name(name).experiment_id])
    (parent,) = [run for run in runs if "sugrm.run" in run.data.tags]
    trials = {run.data.tags["sugrm.key"]: run for run in runs if "sugrm.key" in run.data.tags}
    assert len(trials) == len(runs) - 1  # no run and no trial is there twice
    return client, parent, trials


def curve(client, run, name):
    return [(each.step, each.value) for each in client.get_metric_history(run.info.run_id, name)]


both_stores = pytest.mark.parametrize("tracker", ["file", "server"], indirect=True)


@both_stores
def test_a_run_has_its_trials_below_it(tracker, tmp_path, request, capfd):
    one = tracker()
    values = {"objective.labels.name": "aligned", "model.encoder.radius": [8, 4], "clip": None}
    one.start_trial(trial(A, **values, long="x" * 9000))
    one.write_epochs(A, [epoch(1), epoch(2)])
    one.end_trial(ended_row(A, "stopped"))
    one.start_trial(trial(B, **{f"option.{number}": number for number in range(250)}))
    one.end_trial(ended_row(B, "failed"))
    (tmp_path / "report.html").write_text("<p>", encoding="utf-8")
    one.attach_report(tmp_path / "report.html")
    one.close(done=True)
    assert capfd.readouterr() == ("", "")  # its lines would break the view of the run
    client, parent, trials = found(request.node.name)
    stopped, failed = trials[A], trials[B]
    assert parent.info.run_name == "demo"
    assert {run.data.tags["mlflow.parentRunId"] for run in trials.values()} == {parent.info.run_id}
    assert [run.info.status for run in (parent, stopped, failed)] == [
        "FINISHED",
        "FINISHED",
        "FAILED",
    ]
    assert (stopped.data.tags["sugrm.status"], stopped.info.run_name) == (
        "stopped",
        "search-3-aaaaaaaa",
    )
    parameters = dict(stopped.data.params)
    assert parameters.pop("long") == "x" * 5997 + "..."
    assert parameters == {
        "training.batch_size": "32",
        "seed": "1",
        "phase": "search",
        "objective.labels.name": "aligned",
        "model.encoder.radius": "[8, 4]",
    }
    assert len(failed.data.params) == 253
    assert curve(client, stopped, "valid/mae") == [(1, 0.5), (2, 0.25)]
    assert {each.path for each in client.list_artifacts(parent.info.run_id)} == {
        "report.html",
        "space.yaml",
    }


@both_stores
def test_a_continued_run_goes_on_in_the_same_one_and_has_no_epoch_twice(tracker, request):
    killed = tracker()
    killed.start_trial(trial(A))
    killed.write_epochs(A, [epoch(1), epoch(2)])
    killed.start_trial(trial(B))
    killed.end_trial(ended_row(B, "finished"))
    again = tracker()
    assert again.lacking([A, B]) == [A]
    assert found(request.node.name)[1].info.status == "RUNNING"
    again.start_trial(trial(A))
    for number in (1, 2, 3):
        again.write_epochs(A, [replace(epoch(number), time=5000.0)])
    again.end_trial(ended_row(A, "finished"))
    again.close(done=True)
    client, _, trials = found(request.node.name)
    assert curve(client, trials[A], "valid/mae") == [(1, 0.5), (2, 0.25), (3, 0.5 / 3)]
    assert curve(client, trials[A], "train/loss") == [(1, 1.0), (2, 0.5), (3, 1.0 / 3)]
    assert tracker().lacking([A, B]) == []


def test_an_interrupted_run_is_marked_until_it_continues(tracker, request):
    one = tracker()
    one.start_trial(trial(A))
    one.close(done=False)
    _, parent, trials = found(request.node.name)
    assert (parent.info.status, trials[A].info.status) == ("KILLED", "KILLED")
    again = tracker()
    again.start_trial(trial(A))
    _, parent, trials = found(request.node.name)
    assert (parent.info.status, trials[A].info.status) == ("RUNNING", "RUNNING")


def test_a_trial_made_by_a_request_whose_answer_was_lost_is_found(tracker, request, monkeypatch):
    one = tracker()
    made = one._client.create_run

    def lose_the_answer(*given, **named):
        made(*given, **named)
        raise ConnectionError("lost")

    with monkeypatch.context() as patched:
        patched.setattr(one._client, "create_run", lose_the_answer)
        with pytest.raises(ConnectionError):
            one.start_trial(trial(A))
    one.start_trial(trial(A))
    assert list(found(request.node.name)[2]) == [A]


def test_values_that_are_not_finite_are_kept(tracker, request):
    one = tracker()
    one.start_trial(trial(A))
    one.write_epochs(A, [epoch(1, **{"valid/corr": float("nan"), "valid/loss": float("inf")})])
    one.end_trial(ended_row(A, "finished"))
    client, _, trials = found(request.node.name)
    ((_, correlation),) = curve(client, trials[A], "valid/corr")
    ((_, loss),) = curve(client, trials[A], "valid/loss")
    assert correlation != correlation
    assert loss > 1e308  # MLflow stores the largest number for infinity


def test_many_epochs_at_once_are_several_requests(tracker, request):
    one = tracker()
    one.start_trial(trial(A))
    one.write_epochs(A, [epoch(number) for number in range(1, 701)])
    client, _, trials = found(request.node.name)
    assert [step for step, _ in curve(client, trials[A], "valid/mae")] == list(range(1, 701))


def test_no_usage_statistics_are_sent(tracker):
    tracker()
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
