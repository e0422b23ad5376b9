"""TensorBoard files of a run: scalars, HParams and histograms of each trial.

The driver writes them. So each trial has its HParams from its start, fixed values included, and
keeps them if it is stopped or fails. A trial that continues after a kill reports its epochs again;
its folder is replaced, so that no epoch is there twice. An object of a store cannot be appended to:
there each epoch replaces the trial's small files.

An option without a value (null) is no HParam of its trial: TensorBoard then still takes the column
for numbers, and its filters keep the trial ("Include Undefined").

The HParams table shows the last value of each scalar. ``best/...`` are the validation metrics of
the best epoch so far, so their last values are those of the model that a trial keeps.
"""

import logging
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.places.storage import (
    Place,
    StorageError,
    in_object_store,
    remove_tree,
    write_whole,
)
from reports.ledger.schema import ABLATION
from search.tracking.event_file import EventFile
from search.tracking.trial_events import end_event, epoch_event, start_event
from sugrm.config.merge import flat
from sugrm.training.optimisation.stopping import Stopper

if TYPE_CHECKING:
    from search.queue.queued_trial import QueuedTrial
    from sugrm import EpochRecord

_logger = logging.getLogger(__name__)


class TensorBoardWriter:
    """Write the ``tensorboard`` folder of a run, one folder for each trial.

    Args:
        folder: the ``tensorboard`` folder; it is created with the first trial.
    """

    def __init__(self, folder: Place) -> None:
        self._place = folder
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        if in_object_store(folder):
            self._scratch = tempfile.TemporaryDirectory(prefix="sugrm-tensorboard-")
        self._folder = Path(self._scratch.name if self._scratch else str(folder))
        self._names: dict[str, str] = {}
        self._label_bounds: dict[str, float] = {}
        self._writers: dict[str, EventFile] = {}
        self._best: dict[str, tuple[Stopper, Mapping[str, float]]] = {}

    def start_trial(self, item: "QueuedTrial") -> None:
        """Replace a trial's files by new ones; each option that has a value is an HParam."""
        self._names[item.key] = folder_name(item)
        folder = self._folder / folder_name(item)
        shutil.rmtree(folder, ignore_errors=True)
        if self._scratch is not None:
            remove_tree(self._place / folder.name)
        self._folder.mkdir(exist_ok=True)  # not its parents: the run may have been moved
        folder.mkdir()
        writer = EventFile(folder)
        config = item.trial.config.model_dump(mode="json")
        values = [*flat(config), ("seed", item.trial.seed), ("phase", item.role.phase)]
        writer.add_event(start_event(item.key, values))
        writer.flush()
        self._writers[item.key] = writer
        self._label_bounds[item.key] = item.trial.label_bound
        self._best[item.key] = Stopper(monitor=item.trial.config.training.monitor, patience=1), {}
        self._publish(item.key)

    def write_epoch(self, key: str, record: "EpochRecord") -> None:
        """Write an epoch: training loss, validation metrics, generated labels and their truth."""
        best = self._best_so_far(key, record)
        writer = self._writers[key]
        writer.add_event(epoch_event(record, best, label_bound=self._label_bounds[key]))
        writer.flush()
        self._publish(key)

    def _best_so_far(self, key: str, record: "EpochRecord") -> Mapping[str, float]:
        stopper, best = self._best[key]
        stopper = stopper.after(record.epoch, record.valid[stopper.metric])
        best = record.valid if stopper.best_epoch == record.epoch else best
        self._best[key] = stopper, best
        return best

    def end_trial(self, key: str, status: str) -> None:
        """Write the end of a trial; a trial that was stopped early counts as a success."""
        writer = self._writers.pop(key)
        del self._best[key]
        writer.add_event(end_event(failed=status == schema.FAILED))
        writer.flush()
        self._publish(key)

    def close(self) -> None:
        """Forget the trials that have not ended; their files stay."""
        self._writers.clear()
        if self._scratch is not None:
            self._scratch.cleanup()

    def _publish(self, key: str) -> None:
        """Copy a trial's files to the store; a copy that fails is made at the next epoch."""
        if self._scratch is None:
            return
        name = self._names[key]
        try:
            for file in sorted((self._folder / name).iterdir()):
                write_whole(self._place / name / file.name, file.read_bytes())
        except StorageError as error:
            _logger.warning("TensorBoard's files are not up to date: %s", error)


def folder_name(item: "QueuedTrial") -> str:
    """Return the name of a trial's folder: phase, number or cell, start of the key."""
    role = item.role
    middle = f"{role.group}-{role.cell}" if role.phase == ABLATION else str(role.number)
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", middle).strip("-")
    return f"{role.phase}-{plain}-{item.key[:8]}"
