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
    assert repr(list(trials_in(table))) == repr([trial_of(row) for row in rows])
    assert list(trials_in(table.select(["key"]))) == [trial_of({"key": "a"})] * 2


def test_what_a_row_does_not_say_has_no_value():
    trial = trial_of(ROW)
    assert (trial.config, trial.ended_at, trial.valid, trial.test) == ("{}", UNKNOWN_TIME, {}, {})
    assert (trial.column("valid_mae"), trial.column("failure")) == (None, None)


@pytest.mark.parametrize(
    "statuses", [("failed", "stopped"), ("stopped", "finished"), ("finished", "finished")]
)
def test_of_several_rows_the_finished_one_counts_then_the_newest(statuses):
    first, second = (
        trial_of({**ROW, "status": status, "ended_at": datetime(2026, 1, day, tzinfo=UTC)})
        for day, status in enumerate(statuses, start=1)
    )
    assert choose([first, second]) == choose([second, first]) == {"a": second}
