from datetime import UTC, datetime

import pytest

from search.budget.recorded_time import (
    RecordedTime,
    read_time,
    read_time_with_warning,
    recover_time,
    write_time,
)

START = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_a_run_without_a_record_has_used_no_time(tmp_path):
    assert read_time(tmp_path) == RecordedTime()
    assert recover_time(tmp_path) == (RecordedTime(), [])


def test_the_time_is_read_as_it_was_written_to_the_millisecond(tmp_path):
    write_time(tmp_path, RecordedTime(seconds=7200.12345, started_at=START))
    assert read_time(tmp_path) == RecordedTime(seconds=7200.123, started_at=START)


def test_a_start_in_another_time_zone_is_read_in_utc(tmp_path):
    (tmp_path / "spent.json").write_text(
        '{"seconds": 1.0, "started_at": "2026-03-01T14:30:00+02:00"}'
    )
    assert read_time(tmp_path).started_at == START
    assert read_time(tmp_path).started_at.tzinfo is UTC


def test_negative_seconds_give_a_run_no_time_back(tmp_path):
    (tmp_path / "spent.json").write_text(
        '{"seconds": -3600.0, "started_at": "2026-03-01T12:30:00+00:00"}'
    )
    assert read_time(tmp_path).seconds == 0.0


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"seconds": 5.0}',
        '{"seconds": "5", "started_at": "2026-03-01T12:30:00+00:00"}',
        '{"seconds": 5.0, "started_at": "yesterday"}',
    ],
)
def test_a_record_of_another_form_is_damaged_and_says_why(tmp_path, content):
    (tmp_path / "spent.json").write_text(content)
    found = read_time(tmp_path)
    assert (found.seconds, found.started_at) == (0.0, None)
    assert found.damaged


def test_a_reader_leaves_a_damaged_record_and_a_run_sets_it_aside(tmp_path):
    (tmp_path / "spent.json").write_text("{")
    _, (line,) = read_time_with_warning(tmp_path)
    assert line.startswith("left out the damaged spent.json (")
    assert (tmp_path / "spent.json").read_text() == "{"
    found, (line,) = recover_time(tmp_path)
    assert found.seconds == 0.0
    assert line.startswith("spent.json cannot be read (")
    assert "it was moved to damaged/spent.json" in line
    assert (tmp_path / "damaged" / "spent.json").read_text() == "{"
    assert recover_time(tmp_path) == (RecordedTime(), [])
