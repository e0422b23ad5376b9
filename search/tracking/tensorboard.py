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

import json
import logging
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)

from reports.ledger import schema
from reports.ledger.places.storage import (
    Place,
    StorageError,
    in_object_store,
    remove_tree,
    write_whole,
)
from reports.ledger.schema import ABLATION
from search.option_values import OptionValue
from search.tracking.event_file import EventFile
from sugrm.config.merge import flat
from sugrm.training.optimisation.stopping import Stopper

if TYPE_CHECKING:
    from search.queue.queued_trial import QueuedTrial
    from sugrm import EpochRecord

_logger = logging.getLogger(__name__)

_BINS = 60
_LABEL_RANGE = (-3.0, 3.0)


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
        start = SessionStartInfo(group_name=item.key, start_time_secs=time.time())
        for name, value in (*flat(config), ("seed", item.trial.seed), ("phase", item.role.phase)):
            if value is not None:  # TensorBoard takes a column with one text for text
                _set(start, name, value=value)
        writer.add_event(_hparams(metadata.SESSION_START_INFO_TAG, session_start_info=start))
        writer.flush()
        self._writers[item.key] = writer
        self._best[item.key] = Stopper(monitor=item.trial.config.training.monitor, patience=1), {}
        self._publish(item.key)

    def write_epoch(self, key: str, record: "EpochRecord") -> None:
        """Write an epoch: training loss, validation metrics, generated labels and their truth.

        The counters of the labels say at how many utterance-steps they had no defined value.
        """
        values = [_scalar("train/loss", record.train_loss)]
        values += [_scalar(f"valid/{name}", value) for name, value in record.valid.items()]
        best = self._best_so_far(key, record)
        values += [_scalar(f"best/{name}", value) for name, value in best.items()]
        truths = {"label_truth": record.label_truth, "human_truth": record.human_truth}
        for name, truth in truths.items():
            values += [_scalar(f"{name}/{task}", value) for task, value in truth.items()]
        values += [_histogram(f"labels/{task}", found) for task, found in record.labels.items()]
        if record.labels:
            values += [_scalar(f"labels/{name}", count) for name, count in record.counters.items()]
        writer = self._writers[key]
        writer.add_event(_event(record.epoch, Summary(value=values)))
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
        end = SessionEndInfo(
            status=STATUS_FAILURE if status == schema.FAILED else STATUS_SUCCESS,
            end_time_secs=time.time(),
        )
        writer.add_event(_hparams(metadata.SESSION_END_INFO_TAG, session_end_info=end))
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


def _set(start: SessionStartInfo, name: str, *, value: OptionValue) -> None:
    cell = start.hparams[name]
    if isinstance(value, bool):
        cell.bool_value = value
    elif isinstance(value, int | float):
        cell.number_value = value
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        cell.string_value = ", ".join(value)  # TensorBoard would show quotes as \\"
    else:
        cell.string_value = value if isinstance(value, str) else json.dumps(value)


def _hparams(tag: str, **content: SessionStartInfo | SessionEndInfo) -> Event:
    data = HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **content)
    plugin = SummaryMetadata.PluginData(
        plugin_name=metadata.PLUGIN_NAME, content=data.SerializeToString()
    )
    value = Summary.Value(
        tag=tag, metadata=SummaryMetadata(plugin_data=plugin), tensor=metadata.NULL_TENSOR
    )
    return _event(0, Summary(value=[value]))


def _event(step: int, summary: Summary) -> Event:
    return Event(wall_time=time.time(), step=step, summary=summary)


def _scalar(tag: str, value: float) -> Summary.Value:
    return Summary.Value(tag=tag, simple_value=value)


def _histogram(tag: str, values: "np.ndarray[Any, np.dtype[np.float32]]") -> Summary.Value:
    """Return the histogram of labels over [-3, 3], wider if labels lie outside."""
    low, high = (
        min(_LABEL_RANGE[0], float(values.min())),
        max(_LABEL_RANGE[1], float(values.max())),
    )
    counts, edges = np.histogram(values, bins=_BINS, range=(low, high))
    wide = values.astype(np.float64)
    histogram = HistogramProto(
        min=low,
        max=high,
        num=len(values),
        sum=float(wide.sum()),
        sum_squares=float((wide**2).sum()),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
    return Summary.Value(tag=tag, histo=histogram)
