"""Writing the ledger of a run: Parquet parts, running trials, ``experiment.json``, the lock."""

from search.ledger.experiment_file import RunFolderError, record_experiment
from search.ledger.ledger import Ledger
from search.ledger.lock import RunLock, lock_of
from search.ledger.rows import EndedTrial
from search.ledger.running_trials import RunningFolder, StartedTrial
from search.ledger.utterances import record_utterances

__all__ = [
    "EndedTrial",
    "Ledger",
    "RunFolderError",
    "RunLock",
    "RunningFolder",
    "StartedTrial",
    "lock_of",
    "record_experiment",
    "record_utterances",
]
