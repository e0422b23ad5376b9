"""Whole runs on an object store: Ray, and a real S3 server on loopback."""

import contextlib
import signal
import subprocess
import sys

import pytest

from reports import build_report
from reports.ledger import schema
from reports.ledger.places.storage import place, write_whole
from reports.ledger.reading.load import load_results
from reports.results import parameter_importance
from reports.results.parameter_importance import read_importance
from search.errors import SearchError
from search.ledger.lock import lock_of
from search.run import run_space
from search.sampling.journal.export import export_journal
from search.status.run_status import run_status
from search.trials.storage_failure import DiskFullError
from search.tune.cluster.session import ray_session
from tests.object_store import environment, s3_server
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS
from tests.search.without_text import NO_TEXT

# Workers have the variables of the store from the process that started their Ray.
pytestmark = [*RAY_IN_THIS_PROCESS, pytest.mark.usefixtures("no_ray_here")]

SMALL = ("search.trials=2", "confirm=", "seeds=[1]", "experiment.training.max_epochs=15", NO_TEXT)
DRIVER = '''
import sys, time
from reports.ledger.places.storage import place
from search import load_space
from search.run import run_space
from search.ledger import lease

lease.RENEWAL = 0.2  # so that a second driver need not watch for seconds
seen = []


def listen(event):
    """Say each event; within the second trial wait to be killed."""
    seen.append(type(event).__name__)
    print(seen[-1], flush=True)
    if "TrialEnded" in seen and seen[-1] == "EpochDone":
        time.sleep(60)


run_space(
    load_space(sys.argv[1], overrides=sys.argv[3:]),
    runs=place(sys.argv[2]),
    concurrency=1,
    listen=listen,
)
print("done", flush=True)
'''


def rows(folder):
    """Return role -> key, status, epochs, validation and test scores."""
    results = load_results(folder)
    found = {}
    for role in results.roles:
        trial = results.trials[role.key]
        scores = str(sorted(trial.valid.items())), str(sorted(trial.test.items()))
        name = (role.phase, role.group, role.cell, role.number, role.seed)
        found[name] = (role.key, trial.status, trial.epochs, *scores)
    return found


def test_a_run_killed_and_continued_on_s3_equals_an_undisturbed_local_one(
    s3, mini, mini_file, tmp_path, monkeypatch
):
    """SIGKILL of the driver, a part cut short, then the same command: the same trials."""
    for module in (schema, parameter_importance):  # the run records it, the report reads it
        monkeypatch.setattr(module, "IMPORTANCE_TRIALS", 2)
    run = place(s3) / "mini"
    command = [sys.executable, "-c", DRIVER, str(mini_file), s3, *SMALL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        seen = []
        while seen.count("TrialEnded") < 1 or seen[-1] != "EpochDone":
            seen.append(driver.stdout.readline().strip())
        assert run_status(place(s3), "mini").active
        with pytest.raises(SearchError, match="in use by another run"):
            lock_of(run).__enter__()
        driver.send_signal(signal.SIGKILL)
    finished, cut_off = sorted(
        (run / "checkpoints").iterdir(), key=lambda trial: (trial / "last.pt").is_file()
    )
    assert [path.name for path in finished.iterdir()] == ["best.pt"]
    assert (cut_off / "last.pt").is_file()
    part = next((run / "epochs").glob("*.parquet"))
    write_whole(part, part.read_bytes()[:-20])

    warnings = []
    with ray_session(None):
        summary = run_space(mini(*SMALL), runs=place(s3), concurrency=1, listen=warnings.append)
    run_space(mini(*SMALL, "resources.launcher=sequential"), runs=tmp_path)
    assert (summary.finished, summary.total) == (4, 4)
    assert any(f"epochs/{part.name}" in getattr(event, "message", "") for event in warnings)
    assert (run / "damaged" / "epochs" / part.name).is_file()
    assert rows(run) == rows(tmp_path / "mini")

    for leftovers in ("running", "lock"):
        assert not (run / leftovers).exists()
    (model,), (local_model,) = (
        list((folder / "checkpoints").iterdir()) for folder in (run, tmp_path / "mini")
    )
    assert model.name == local_model.name
    assert [path.name for path in model.iterdir()] == ["best.pt"]
    boards = {folder.name: list(folder.iterdir()) for folder in (run / "tensorboard").iterdir()}
    assert set(boards) == {path.name for path in (tmp_path / "mini/tensorboard").iterdir()}
    assert all(len(files) == 1 for files in boards.values())
    status = run_status(place(s3), "mini")
    assert (status.done, status.active) == (4, False)
    assert status.usage.seconds > 0
    assert export_journal(run, tmp_path / "mini.journal") == 2
    assert build_report(run).tables[0].rows
    results = load_results(run)
    assert read_importance(results).trials == 2
    assert results.utterances().num_rows == 16 + 8 + 8
    assert set(results.predictions()["split"].to_pylist()) == {"train", "valid", "test"}


def test_an_outage_ends_the_run_with_one_message_and_fails_no_trial(mini, monkeypatch):
    events = []
    with contextlib.ExitStack() as server:
        for name, value in environment(server.enter_context(s3_server())).items():
            monkeypatch.setenv(name, value)

        def listen(event):
            events.append(type(event).__name__)
            if events[-1] == "EpochDone":
                server.close()

        with pytest.raises(DiskFullError, match=r"s3://runs/mini stops: .* does not answer"):
            run_space(mini(*SMALL), runs=place("s3://runs"), concurrency=1, listen=listen)
    assert "TrialEnded" not in events
