"""TensorBoard events of one trial: its HParams, the values of its epochs, and its end."""

import json
import time
from collections.abc import Iterable
from typing import Any

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

from search.option_values import OptionValue
from search.tracking.protocol import EpochValues
from sugrm.types import LABEL_BOUND

_BINS = 60


def start_event(key: str, values: Iterable[tuple[str, OptionValue]]) -> Event:
    """Return the event that starts the trial ``key``; each option that has a value is an HParam."""
    start = SessionStartInfo(group_name=key, start_time_secs=time.time())
    for name, value in values:
        if value is not None:  # TensorBoard takes a column with one text for text
            _set(start, name, value=value)
    return _hparams(metadata.SESSION_START_INFO_TAG, session_start_info=start)


def epoch_event(epoch: EpochValues, *, label_bound: float = LABEL_BOUND) -> Event:
    """Return the event of an epoch: its scalars and a histogram of the labels of each task.

    Args:
        epoch: the values of the epoch.
        label_bound: the largest absolute label of the dataset.
    """
    values = [_scalar(name, value) for name, value in epoch.scalars.items()]
    values += [
        _histogram(f"labels/{task}", found, label_bound=label_bound)
        for task, found in epoch.labels.items()
    ]
    return _event(epoch.epoch, Summary(value=values))


def end_event(*, failed: bool) -> Event:
    """Return the event that ends a trial; a trial that was stopped early counts as a success."""
    status = STATUS_FAILURE if failed else STATUS_SUCCESS
    end = SessionEndInfo(status=status, end_time_secs=time.time())
    return _hparams(metadata.SESSION_END_INFO_TAG, session_end_info=end)


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


def _histogram(
    tag: str, values: "np.ndarray[Any, np.dtype[np.float32]]", *, label_bound: float
) -> Summary.Value:
    """Return the histogram of labels over the label range, wider if labels lie outside."""
    low, high = min(-label_bound, float(values.min())), max(label_bound, float(values.max()))
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
