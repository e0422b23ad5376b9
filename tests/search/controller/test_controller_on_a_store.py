"""The driver's side on an object store; the learner is made up (conftest)."""

import json

import pytest

from reports.ledger.places.storage import StorageError, place
from search.ledger.experiment_file import FILE
from search.ledger.running_trials import write_json
from search.status.run_status import run_status
from search.trials.storage_failure import DiskFullError

SHORT = ("search.trials=3", "confirm=", "seeds=[1]")


@pytest.fixture
def folder(s3):
    return place(s3) / "run"


def recorded(run):
    """Write what the runner writes of a run."""
    space = run.space.to_dict()
    write_json(
        run.folder / FILE, {"name": run.folder.name, "versions": [{"space": space, "total": 5}]}
    )
    return run


@pytest.mark.slow
def test_a_run_cut_off_and_continued_equals_an_undisturbed_one_on_a_disk(command, folder):
    recorded(command(*SHORT, folder=folder, cut_off=3)).controller.close()
    status = run_status(folder.parent, "run")
    assert (status.done, [trial.epoch for trial in status.running]) == (1, [1])
    assert command(*SHORT, folder=folder).rows() == command(*SHORT, folder="local").rows()
    assert not (folder / "running").exists()


@pytest.mark.slow
def test_the_sampler_hears_of_a_run_in_the_same_store(command, folder):
    recorded(command(*SHORT, folder=folder.parent / "first"))
    later = command(*SHORT, "search.from=[first]", folder=folder)
    file = json.loads((folder / "earlier.json").read_bytes())
    assert [len(earlier["trials"]) for earlier in file["stories"]] == [3]
    assert len(later.ledger.trials) == 5


def test_a_store_that_fails_ends_the_run_with_its_own_message(command, folder, monkeypatch):
    run = command(*SHORT, folder=folder, cut_off=0)
    task = run.tasks["0"]

    def unanswered(where, content):
        raise StorageError(f"{where}: the store does not answer")

    monkeypatch.setattr("reports.ledger.places.storage.StorePlace.put", unanswered)
    with run.controller.guarded():
        for report in run.answers(task, 1):
            run.controller.receive("0", report, node="node")
    assert run.controller.closing
    assert isinstance(run.controller.error, DiskFullError)
    assert str(run.controller.error).startswith(f"the run in {folder} stops: {folder}/")
    assert not run.ledger.trials
    run.controller.close()
