"""How far a run is, counted from its ledger."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reports import schema
from search.events import Progress
from search.plan import SEARCH, Role


def count_roles(
    roles: Mapping[Role, str], trials: Mapping[str, Mapping[str, Any]], *, total: int, running: int
) -> Progress:
    """Return the progress of a run.

    Every cell x seed and every confirmation run counts; of the search every trial, however many
    suggestions it answered.
    """
    ends = {
        (SEARCH, key) if role.phase == SEARCH else role: trials[key]["status"]
        for role, key in roles.items()
        if key in trials
    }
    count = Counter(ends.values())
    return Progress(
        total=max(total, len(ends) + running),
        finished=count[schema.FINISHED],
        stopped=count[schema.STOPPED],
        failed=count[schema.FAILED],
        running=running,
    )
