"""Runs in W&B, offline: what its files hold, and that no connection is tried."""

import json
import socket
import struct
import threading
import time

import pytest

from tests.search.tracking.recording import RUN, ended_row, epoch, trial

pytest.importorskip("wandb", reason="needs pip install wandb")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

A, B = "a" * 16, "b" * 16
_BLOCK, _HEADER = 32768, 7  # bytes of LevelDB's log format, in which W&B writes its records


@pytest.fixture
def requests(tmp_path, monkeypatch):
    """What reaches a proxy through which every connection to another machine would go."""
    received = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                received.append(connection.recv(100))
                connection.close()

        threading.Thread(target=accept, daemon=True).start()
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            for each in (name, name.upper()):
                monkeypatch.setenv(each, f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.delenv("WANDB_API_KEY", raising=False)
        monkeypatch.setenv("NETRC", str(tmp_path / "none"))
        monkeypatch.setenv("WANDB_DIR", str(tmp_path))
        yield received


@pytest.fixture
def tracker(requests, monkeypatch):
    """Return a function that opens the tracker of the test's run, as each command does."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    from search.tracking.wandb_runs import open_tracker

    return lambda: open_tracker(RUN)


def ended(folder):
    """Return the records of a W&B run; W&B's own process writes the last one after its end."""
    for _ in range(200):
        found = list(records(folder))
        if found and found[-1].HasField("exit"):
            return found
        time.sleep(0.05)
    raise AssertionError(f"no end of the run in {folder}")


def records(folder):
    """Yield the records of a W&B run's file."""
    from wandb.proto.wandb_internal_pb2 import Record

    (file,) = folder.glob("run-*.wandb")
    data, place, whole = file.read_bytes(), _HEADER, b""  # W&B's own header is as long
    while place + _HEADER <= len(data):
        if _BLOCK - place % _BLOCK < _HEADER:
            place += _BLOCK - place % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", data[place : place + _HEADER])
        whole += data[place + _HEADER : place + _HEADER + length]
        place += _HEADER + length
        if kind in (1, 4):  # a whole record, or its last part
            yield Record.FromString(whole)
            whole = b""


def read(folder):
    """Return the start of a W&B run, its configuration, and its history by step."""
    found, run = {}, None
    for record in ended(folder):
        if record.HasField("run"):
            run = record.run
        if record.HasField("history"):
            items = {(i.key or "/".join(i.nested_key)): i.value_json for i in record.history.item}
            found[record.history.step.num] = items
    config = {each.key: json.loads(each.value_json) for each in run.config.update}
    return run, config, found


def folders(tmp_path):
    return {path.name.split("-", 3)[3]: path for path in (tmp_path / "wandb").glob("offline-run-*")}


def test_trials_side_by_side_are_runs_of_one_group(tracker, tmp_path, requests, capfd):
    one = tracker()
    one.start_trial(trial(A, **{"model.encoder.radius": [8, 4]}))
    one.start_trial(trial(B))
    for number in (1, 2):
        one.write_epochs(A, [epoch(number)])
        one.write_epochs(B, [epoch(number, **{"valid/corr": float("nan")})])
    one.end_trial(ended_row(A, "finished"))
    one.end_trial(ended_row(B, "failed"))
    one.close(done=True)
    assert set(folders(tmp_path)) == {f"{RUN.identity}-{A}", f"{RUN.identity}-{B}"}
    run, config, history = read(folders(tmp_path)[f"{RUN.identity}-{A}"])
    assert (run.display_name, run.run_group, run.job_type, run.project) == (
        "search-3-aaaaaaaa",
        "demo",
        "search",
        "demo",
    )
    assert config["model"] == {"encoder": {"radius": [8, 4]}}
    assert (config["training"], config["trial"]) == ({"batch_size": 32}, A)
    assert {step: float(each["valid/mae"]) for step, each in history.items()} == {1: 0.5, 2: 0.25}
    *_, other = read(folders(tmp_path)[f"{RUN.identity}-{B}"])
    assert other[1]["valid/corr"].strip('"') == "NaN"
    assert requests == []
    assert capfd.readouterr() == ("", "")  # its lines would break the view of the run


def test_a_continued_trial_replaces_what_was_not_sent(tracker, tmp_path):
    killed = tracker()
    killed.start_trial(trial(A))
    killed.write_epochs(A, [epoch(1)])
    killed.close(done=False)
    again = tracker()
    assert again.lacking([A, B]) == [B]
    again.start_trial(trial(A))
    again.write_epochs(A, [epoch(1), epoch(2)])
    again.end_trial(ended_row(A, "finished"))
    (folder,) = (tmp_path / "wandb").glob("offline-run-*")
    *_, history = read(folder)
    assert sorted(history) == [1, 2]


def test_what_has_been_sent_is_not_removed(tracker, tmp_path):
    one = tracker()
    one.start_trial(trial(A))
    one.close(done=False)
    (folder,) = (tmp_path / "wandb").glob("offline-run-*")
    (folder / f"run-{RUN.identity}-{A}.wandb.synced").touch()
    from search.tracking.wandb_runs import _remove_unsent

    _remove_unsent(f"{RUN.identity}-{A}")
    assert folder.is_dir()


def test_the_report_is_a_run_of_its_own(tracker, tmp_path):
    page = tmp_path / "report.html"
    page.write_text("<p>the report", encoding="utf-8")
    one = tracker()
    one.attach_report(page)
    one.close(done=True)
    (folder,) = (tmp_path / "wandb").glob("offline-run-*-report")
    (kept,) = folder.rglob("*.html")
    assert kept.read_text(encoding="utf-8") == "<p>the report"


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, "offline"),
        ({"WANDB_API_KEY": "k" * 40}, "online"),
        ({"WANDB_API_KEY": "k" * 40, "WANDB_MODE": "offline"}, "offline"),
        ({"WANDB_MODE": "online"}, "online"),
    ],
)
def test_without_a_key_it_works_offline(requests, monkeypatch, environment, mode):
    monkeypatch.delenv("WANDB_MODE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    from search.tracking.wandb_runs import _mode

    assert _mode() == mode


def test_a_login_is_a_key(requests, tmp_path, monkeypatch):
    monkeypatch.delenv("WANDB_MODE", raising=False)
    (tmp_path / "none").write_text("machine api.wandb.ai login user password key\n")
    from search.tracking.wandb_runs import _mode

    assert _mode() == "online"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert _mode() == "offline"
