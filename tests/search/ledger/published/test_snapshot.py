from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from reports.ledger import schema
from reports.ledger.roles import Role, keys_by_role
from search.ledger import EndedTrial, Ledger
from search.ledger.ledger import open_tables
from search.ledger.published.snapshot import snapshot_of
from search.ledger.published.tables import holds_data, write_tables

ROLE = Role(phase="ablation", group="a", cell="b", seed=1)


def add(ledger, key, status="finished", role=ROLE, **columns):
    predictions = {"id": ["u1"], "label": np.float32([1]), "M": np.float32([0.5])}
    values = {"key": key, "status": status, "seed": 1, "epochs": 1, **columns}
    trial = EndedTrial(
        columns=values,
        epochs=[{"epoch": 1, "seconds": 1.0, "valid_mae": 0.5}],
        predictions={"test": predictions} if status == "finished" else {},
    )
    ledger.add(trial, [role])


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "run")


def column(snapshot, name):
    return snapshot.tables["trials"][name].to_pylist()


def test_nodes_are_numbered_by_the_first_trial_that_ended_there(ledger):
    add(ledger, "c", node="x")
    add(ledger, "a", node="y")
    add(ledger, "b", node="x")
    add(ledger, "d")
    assert column(snapshot_of(ledger.folder), "node") == ["node 2", "node 1", "node 1", None]


def test_the_message_of_a_stop_is_kept_that_of_a_failure_is_not(ledger):
    add(ledger, "a", "failed", message="/home/me", traceback="t", failure="crash")
    add(ledger, "b", "stopped", message="hopeless: no gain")
    found = snapshot_of(ledger.folder)
    assert column(found, "message") == [None, "hopeless: no gain"]
    assert column(found, "traceback") == [None, None]
    assert column(found, "failure") == ["crash", None]


def test_of_several_trials_of_a_role_the_newest_counts_however_parts_are_merged(ledger):
    for key in ("b", "a"):
        add(ledger, key)
    before = snapshot_of(ledger.folder)
    assert keys_by_role(before.tables["roles"]) == {ROLE: "a"}
    open_tables(ledger.folder)["roles"].merge(at_least=2)
    assert snapshot_of(ledger.folder).tables["roles"] == before.tables["roles"]


def test_a_trial_that_failed_and_then_finished_is_there_once(ledger):
    add(ledger, "a", "failed")
    open_tables(ledger.folder)["trials"].replace([], iter([failed_row()]))
    add(ledger, "a")
    assert column(snapshot_of(ledger.folder), "status") == ["finished"]


def failed_row():
    row = {"key": "a", "status": "failed", "seed": 1, "ended_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return pa.Table.from_pylist([row], schema=schema.TRIALS)


def test_parts_without_checksums_are_counted(ledger):
    add(ledger, "a")
    rows = open_tables(ledger.folder)["trials"].read_all()
    open_tables(ledger.folder)["trials"].write_table("a", rows, without_checksum=3)
    assert snapshot_of(ledger.folder).without_checksum["trials"] == 3


def test_a_written_copy_is_known_by_its_rows_and_opens_as_a_ledger(ledger, tmp_path):
    add(ledger, "a")
    add(ledger, "b", "failed")
    copy = tmp_path / "copy"
    copy.mkdir()
    write_tables(copy, snapshot_of(ledger.folder))
    assert not holds_data(copy)
    assert holds_data(ledger.folder)
    opened = Ledger(copy)
    assert opened.warnings == ()
    assert {key: trial.status for key, trial in opened.trials.items()} == {
        "a": "finished",
        "b": "failed",
    }
    add(opened, "c")
    assert holds_data(copy)


def test_a_copy_in_a_ledger_that_lost_labels_stays(ledger, tmp_path):
    config = '{"objective": {"labels": {"name": "sugrm"}, "tasks": ["M", "T"]}}'
    add(ledger, "a", config=config)
    copy = tmp_path / "copy"
    copy.mkdir()
    write_tables(copy, snapshot_of(ledger.folder))
    (copy / "labels").mkdir()
    (copy / "labels" / "b.parquet").write_bytes(b"cut short")
    assert list(Ledger(copy).trials) == ["a"]
