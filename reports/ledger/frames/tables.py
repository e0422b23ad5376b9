"""The epochs, labels and predictions of a run as data frames.

Texts with few values (the names and keys of trials, splits, tasks, ids) are categories, which take
a byte or a few in each row. Names and keys are in the order of the plan, so that groups are, too.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger.schema import COUNTERS, METRICS, TRAIN, TRUTHS, UNIMODAL_TASKS

if TYPE_CHECKING:
    import pandas as pd

Names = Mapping[str, str]
"""Key -> name of its trial, in the order of the plan."""

_TRUTH_COLUMNS = [f"{truth}_{task}" for truth in TRUTHS for task in UNIMODAL_TASKS]


def epochs_frame(epochs: pa.Table, *, names: Names, metrics: Sequence[str]) -> "pd.DataFrame":
    """Return the frame that ``Results.epochs_frame`` describes.

    Args:
        epochs: rows of ``schema.EPOCHS``.
        names: the trials.
        metrics: the metrics that are shown.
    """
    unused = [f"valid_{metric}" for metric in METRICS if metric not in metrics]
    unused += [name for name in _TRUTH_COLUMNS if epochs[name].null_count == len(epochs)]
    frame = _frame(epochs.drop_columns(unused), names)
    frame = frame.astype({"epoch": "int64", **dict.fromkeys(COUNTERS, "Int64")})
    return frame.sort_values(["key", "epoch"], ignore_index=True)


def predictions_frame(
    predictions: pa.Table,
    *,
    names: Names,
    utterances: pa.Table | None,
    data: Mapping[str, str | None],
) -> "pd.DataFrame":
    """Return the frame that ``Results.predictions_frame`` describes.

    Args:
        predictions: rows of ``schema.PREDICTIONS``.
        names: the trials.
        utterances: rows of ``schema.UTTERANCES``, whose texts are added; None adds none.
        data: key -> fingerprint of the data that the trial read.
    """
    import pandas as pd

    frame = _frame(predictions, names, categories=("split", "id"))
    if utterances is not None:
        frame.insert(4, "text", pd.Series(_texts(frame, utterances, data=data)))
    return frame.sort_values("key", kind="stable", ignore_index=True)


def labels_frame(
    labels: pa.Table, *, names: Names, utterances: pa.Table, data: Mapping[str, str | None]
) -> "pd.DataFrame":
    """Return the frame that ``Results.labels_frame`` describes.

    Args:
        labels: rows of ``schema.LABELS``.
        names: the trials.
        utterances: rows of ``schema.UTTERANCES``, whose ids are added.
        data: key -> fingerprint of the data that the trial read.
    """
    ordered = labels.sort_by([("epoch", "ascending"), ("task", "ascending")])
    lengths = np.asarray(pc.list_value_length(ordered["labels"]).fill_null(0), np.int64)
    starts = np.cumsum(lengths) - lengths
    frame = _frame(ordered.drop_columns(["labels"]), names, categories=("task",))
    frame = frame.astype({"epoch": "int64"}).loc[np.repeat(np.arange(len(frame)), lengths)]
    frame = frame.reset_index(drop=True)
    frame["position"] = np.arange(len(frame)) - np.repeat(starts, lengths)
    frame["id"] = _ids(frame, utterances, data=data)
    frame["label"] = np.asarray(pc.list_flatten(ordered["labels"]), np.float32)
    return frame.sort_values("key", kind="stable", ignore_index=True)


def _frame(rows: pa.Table, names: Names, *, categories: Sequence[str] = ()) -> "pd.DataFrame":
    """Return rows with the name of their trial in front, without their schema version."""
    frame = rows.drop_columns(["schema_version"]).to_pandas(categories=["key", *categories])
    recorded = frame["key"].cat.categories
    keys = [*names, *(key for key in recorded if key not in names)]  # of running trials
    frame["key"] = frame["key"].cat.set_categories(keys)
    titles = {key: names.get(key, key) for key in keys}
    frame.insert(0, "name", frame["key"].cat.rename_categories(titles))
    return frame


def _texts(
    frame: "pd.DataFrame", utterances: pa.Table, *, data: Mapping[str, str | None]
) -> "pd.Categorical":
    """Return the transcript of each row of predictions, missing where none is recorded."""
    import pandas as pd

    place = ["data_fingerprint", "split", "id"]
    listed = utterances.select([*place, "text"]).to_pandas().drop_duplicates(place)
    fingerprints = frame["key"].map(data)
    wanted = pd.MultiIndex.from_arrays([fingerprints, frame["split"], frame["id"]])
    return pd.Categorical(listed.set_index(place)["text"].reindex(wanted))


def _ids(
    frame: "pd.DataFrame", utterances: pa.Table, *, data: Mapping[str, str | None]
) -> "pd.Categorical":
    """Return the id of each row of labels, missing where none is recorded."""
    import pandas as pd

    place = ["data_fingerprint", "position"]
    training = utterances.filter(pc.equal(utterances["split"], pa.scalar(TRAIN)))
    listed = training.select([*place, "id"]).to_pandas().drop_duplicates(place)
    wanted = pd.MultiIndex.from_arrays([frame["key"].map(data), frame["position"]])
    return pd.Categorical(listed.set_index(place)["id"].reindex(wanted))
