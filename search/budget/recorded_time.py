"""``spent.json``: how long the commands of a run took, and when the latest one began.

This differs from the sum of the trials' seconds, because trials run side by side. The file is
written every few seconds, so that a killed command loses no more than these.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from reports.ledger.json_file import read_json
from reports.ledger.places.storage import Place
from reports.ledger.shape import TIME, Shape, mismatch, needed_values
from search.ledger.damage import set_aside
from search.ledger.running_trials import write_json

FILE = "spent.json"
_FORM: Shape = {"seconds": float, "started_at": TIME}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTime:
    """The time that a run has used.

    Attributes:
        seconds: the seconds of all commands so far.
        started_at: when the latest command began, None before the first.
        damaged: why the file cannot be read, "" if it can. The time so far is then lost.
    """

    seconds: float = 0.0
    started_at: datetime | None = None
    damaged: str = ""


def read_time(run: Place) -> RecordedTime:
    """Return the time that the run in folder ``run`` has used, 0 if the file is damaged."""
    try:
        content = read_json(run / FILE)
        wrong = mismatch(content, _FORM)
        if wrong:
            raise ValueError(wrong)
        values = needed_values(content, list(_FORM))
        started_at = datetime.fromisoformat(values["started_at"]).astimezone(UTC)
        return RecordedTime(seconds=max(0.0, float(values["seconds"])), started_at=started_at)
    except FileNotFoundError:
        return RecordedTime()
    except ValueError as error:
        return RecordedTime(damaged=str(error))


def read_time_with_warning(run: Place) -> tuple[RecordedTime, list[str]]:
    """Return the time so far, and a warning if the file is damaged; it stays where it is."""
    recorded = read_time(run)
    if not recorded.damaged:
        return recorded, []
    line = f"left out the damaged {FILE} ({recorded.damaged})"
    return recorded, [f"{line}: the hours of the run are counted from 0 again"]


def recover_time(run: Place) -> tuple[RecordedTime, list[str]]:
    """Return the time so far, and a warning if the file is damaged; it is then set aside."""
    recorded = read_time(run)
    if not recorded.damaged:
        return recorded, []
    line = set_aside(run, run / FILE, why=recorded.damaged)
    return recorded, [f"{line}, and the hours of the run are counted from 0 again"]


def write_time(run: Place, recorded: RecordedTime) -> None:
    """Write the time, the whole file or nothing."""
    started_at = (recorded.started_at or datetime.now(UTC)).isoformat()
    write_json(run / FILE, {"seconds": round(recorded.seconds, 3), "started_at": started_at})
