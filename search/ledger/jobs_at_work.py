"""Which jobs of ``--launcher submitit`` compute now; they may outlive their command."""

from pathlib import Path

from reports.ledger.places.storage import Place, in_object_store
from search.ledger.lock_query import is_file_locked

FOLDER = "jobs"
"""The folder of a run in which jobs and driver meet; it is empty where no command runs."""

LOCK = "at work"
"""The file that a job locks in its own folder while it computes."""


def jobs_at_work(run: Place) -> list[str]:
    """Return the names of the folders of a run's jobs that compute now, in order."""
    if in_object_store(run):
        return []
    locks = Path(str(run), FOLDER).glob(f"*/*/{LOCK}")
    return sorted(lock.parent.name for lock in locks if is_file_locked(lock))
