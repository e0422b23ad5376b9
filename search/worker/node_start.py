"""The weights that a trial starts from, on the node of its worker.

The worker reads the driver's copy: the folder itself where this node sees it, else the files, which
it receives into its own cache.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from search.trials.protocol import TrialTask
from search.trials.start.models import StartCopy, copies_folder
from search.worker.home import Home
from search.worker.node_files import folder_here

if TYPE_CHECKING:
    from sugrm.training.start.weights import StartWeights


def start_of(task: TrialTask, *, home: Home | None = None) -> "StartWeights | None":
    """Return the weights that a task starts from, None for initial ones.

    Args:
        task: the task.
        home: the driver's node, None without a way there.

    Raises:
        DataError: this node lacks them and cannot receive them.
        CheckpointError: they are damaged.
    """
    if task.start is None:
        return None
    copy = StartCopy(**task.start)
    folder = folder_here(
        Path(copy.folder),
        copy=copies_folder() / copy.digest,
        home=home,
        content="the weights that the trial starts from",
    )
    return _read(str(folder), copy.digest)


@lru_cache(maxsize=1)  # the next trial of a search usually starts from the same
def _read(folder: str, digest: str) -> "StartWeights":
    from sugrm.training.start.weights import read_start_weights

    return read_start_weights(folder, digest=digest)
