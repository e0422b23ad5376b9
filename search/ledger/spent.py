"""``spent.json``: the seconds that the commands of a run were at work.

The sum of its trials' seconds is another number: they run side by side. The file is written every
few seconds, so that a killed command loses no more than these.
"""

import json
from pathlib import Path

from search.ledger.under_way import write_json

FILE = "spent.json"


def read_seconds(run: Path) -> float:
    """Return the seconds that the commands of the run ``run`` have taken; 0 before the first."""
    try:
        seconds = float(json.loads((run / FILE).read_text(encoding="utf-8"))["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0
    return max(0.0, seconds)


def write_seconds(run: Path, seconds: float) -> None:
    """Record the seconds, whole or not at all."""
    write_json(run / FILE, {"seconds": round(seconds, 3)})
