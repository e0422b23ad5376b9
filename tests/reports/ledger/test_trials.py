import math
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from reports.ledger.schema import TRIALS
from reports.ledger.trials import UNKNOWN_TIME, Trial, choose, trial_of, trials_in

ROW = {"key": "a", "status": "finished", "seed": 1}


def test_every_column_of_trials_is_read():
    plain = [name for name in TRIALS.names if not name.startswith(("valid_", "test_"))]
    assert sorted([*plain, "valid", "test"]) == sorted(Trial._fields)
    row = {name: f"<{name}>" for name in plain}
    assert {name: trial_of(row).column(name) for name in plain} == row


def test_a_row_alone_reads_as_in_its_table():
    rows = [{**ROW, "valid_mae": 0.5, "valid_loss": math.inf, "epochs": 3}, {**ROW, "seed": 2}]
    table = pa.Table.from_pylist(rows, schema=TRIALS)
    alone = [tuple(trial_of(row)) for row in rows]
    assert repr(list(map(tuple, trials_in(table)))) == repr(alone)  # as text, for NaN
    assert list(trials_in(table.select(["key"]))) == [trial_of({"key": "a"})] * 2


def test_a_trial_has_the_metrics_of_its_dataset(tmp_path):
    """A ledger may hold both: the space has named another dataset since."""
    rows = [
        {**ROW, "valid_mae": 0.5, "valid_acc7": 0.25},
        {**ROW, "key": "b", "valid_mae": 0.75, "valid_acc5_sims": 0.5, "test_f1_sims": math.nan},
        {**ROW, "key": "c"},
    ]
    mosi, sims, nothing = trials_in(pa.Table.from_pylist(rows, schema=TRIALS))
    assert (mosi.valid, mosi.test) == ({"mae": 0.5, "acc7": 0.25}, {})
    assert sims.valid == {"mae": 0.75, "acc5_sims": 0.5}
    assert list(sims.test) == ["f1_sims"]
    assert math.isnan(sims.test["f1_sims"])
    assert (nothing.valid, nothing.test) == ({}, {})
    assert sims.column("valid_acc5_sims") == 0.5


def test_a_part_written_before_a_metric_was_known_is_read():
    names = [name for name in TRIALS.names if not name.endswith("_sims")]
    rows = [{**ROW, "valid_mae": 0.5, "valid_acc7": 0.25}]
    table = pa.Table.from_pylist(rows, schema=TRIALS)
    assert list(trials_in(table.select(names))) == list(trials_in(table)) == [trial_of(rows[0])]


def test_what_a_row_does_not_say_has_no_value():
    trial = trial_of(ROW)
    assert (trial.config, trial.ended_at, trial.valid, trial.test) == ("{}", UNKNOWN_TIME, {}, {})
    assert (trial.column("valid_mae"), trial.column("failure")) == (None, None)


@pytest.mark.parametrize(
    "statuses",
    [
        ("failed", "stopped"),
        ("stopped", "failed"),
        ("stopped", "finished"),
        ("finished", "finished"),
    ],
)
def test_of_several_rows_the_finished_one_counts_then_the_newest(statuses):
    first, second = (
        trial_of({**ROW, "status": status, "ended_at": datetime(2026, 1, day, tzinfo=UTC)})
        for day, status in enumerate(statuses, start=1)
    )
    assert choose([first, second]) == choose([second, first]) == {"a": second}
