"""``spent.json``: how long the commands of a run were at work, and since when the latest is.

The sum of its trials' seconds is another number: they run side by side. The file is written every
few seconds, so that a killed command loses no more than these.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.storage import Place
from search.ledger.under_way import write_json

FILE = "spent.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The time that a run has taken.

    Attributes:
        seconds: of all commands so far.
        started_at: when the latest command began, None before the first.
    """

    seconds: float = 0.0
    started_at: datetime | None = None


def read_spent(run: Place) -> Spent:
    """Return the time that the run ``run`` has taken; none where the file is damaged."""
    try:
        content = json.loads((run / FILE).read_bytes())
        started_at = datetime.fromisoformat(content["started_at"])
        return Spent(seconds=max(0.0, float(content["seconds"])), started_at=started_at)
    except (OSError, ValueError, KeyError, TypeError):
        return Spent()


def write_spent(run: Place, spent: Spent) -> None:
    """Record the time, whole or not at all."""
    started_at = (spent.started_at or datetime.now(UTC)).isoformat()
    write_json(run / FILE, {"seconds": round(spent.seconds, 3), "started_at": started_at})
