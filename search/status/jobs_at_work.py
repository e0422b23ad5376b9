"""Which jobs of ``--launcher submitit`` compute now; they may outlive their command."""

from pathlib import Path

from reports.ledger.places.storage import Place, in_object_store
from search.ledger.lock_query import is_file_locked

FOLDER = "jobs"
"""The folder of a run in which jobs and driver meet; it is empty where no command runs."""

LOCK = "at work"
"""The file that a job locks in its own folder while it computes."""


def count_jobs_at_work(run: Place) -> int:
    """Return how many jobs of a run compute now, whichever command submitted them."""
    if in_object_store(run):
        return 0
    try:
        return sum(map(is_file_locked, Path(str(run), FOLDER).glob(f"*/*/{LOCK}")))
    except FileNotFoundError:  # a command ends and removes its folder meanwhile
        return 0
