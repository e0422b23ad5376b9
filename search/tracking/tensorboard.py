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
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.ledger import schema
from reports.ledger.places.storage import (
    Place,
    StorageError,
    in_object_store,
    remove_tree,
    write_whole,
)
from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.tracking.event_file import EventFile
from search.tracking.protocol import EpochValues, TrackedTrial
from search.tracking.trial_events import end_event, epoch_event, start_event

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

    def start_trial(self, trial: TrackedTrial) -> None:
        """Replace a trial's files by new ones; each option that has a value is an HParam."""
        self._names[trial.key] = trial.label
        folder = self._folder / trial.label
        shutil.rmtree(folder, ignore_errors=True)
        if self._scratch is not None:
            remove_tree(self._place / folder.name)
        self._folder.mkdir(exist_ok=True)  # not its parents: the run may have been moved
        folder.mkdir()
        writer = EventFile(folder)
        writer.add_event(start_event(trial.key, trial.values))
        writer.flush()
        self._writers[trial.key] = writer
        self._label_bounds[trial.key] = trial.label_bound
        self._publish(trial.key)

    def write_epochs(self, key: str, epochs: Sequence[EpochValues]) -> None:
        """Write epochs: training loss, validation metrics, generated labels and their truth."""
        writer = self._writers[key]
        for epoch in epochs:
            writer.add_event(epoch_event(epoch, label_bound=self._label_bounds[key]))
        writer.flush()
        self._publish(key)

    def end_trial(self, trial: Trial) -> None:
        """Write the end of a trial; a trial that was stopped early counts as a success."""
        writer = self._writers.pop(trial.key)
        writer.add_event(end_event(failed=trial.status == schema.FAILED))
        writer.flush()
        self._publish(trial.key)

    def lacking(self, trials: Mapping[str, tuple[Trial, Role]]) -> list[str]:
        """Return no trial: the files were written when the trials ran."""
        return []

    def attach_report(self, page: Path) -> None:
        """Do nothing: TensorBoard shows no pages."""

    def close(self, *, done: bool = False) -> None:
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
