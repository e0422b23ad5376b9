"""``spent.json``: how long the commands of a run were at work, and since when the latest is.

The sum of its trials' seconds is another number: they run side by side. The file is written every
few seconds, so that a killed command loses no more than these.
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
        seconds: of all commands so far.
        started_at: when the latest command began, None before the first.
        damaged: why the file cannot be read, "" where it can; then earlier time is lost.
    """

    seconds: float = 0.0
    started_at: datetime | None = None
    damaged: str = ""


def read_time(run: Place) -> RecordedTime:
    """Return the time that the run ``run`` has taken; none where the file is damaged."""
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
    """Return what ``recover_time`` does; a damaged file stays where it is."""
    spent = read_time(run)
    if not spent.damaged:
        return spent, []
    line = f"left out the damaged {FILE} ({spent.damaged})"
    return spent, [f"{line}: the hours of the run are counted from 0 again"]


def recover_time(run: Place) -> tuple[RecordedTime, list[str]]:
    """Return the time so far, and a line where the file was damaged, which is set aside then."""
    spent = read_time(run)
    if not spent.damaged:
        return spent, []
    line = set_aside(run, run / FILE, spent.damaged)
    return spent, [f"{line}, and the hours of the run are counted from 0 again"]


def write_time(run: Place, spent: RecordedTime) -> None:
    """Record the time, whole or not at all."""
    started_at = (spent.started_at or datetime.now(UTC)).isoformat()
    write_json(run / FILE, {"seconds": round(spent.seconds, 3), "started_at": started_at})
