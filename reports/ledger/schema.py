"""The Parquet columns of a run's ledger: written by ``search.ledger``, read by ``reports``.

A run folder holds one sub-folder of Parquet parts for each table:

- ``trials``: one row for each trial that ended (finished, stopped early, failed), by its key.
- ``roles``: why a trial was run: a suggestion of the search, a confirmation, an ablation cell.
  Several roles may name one key; that trial ran once.
- ``epochs``: validation metrics of each epoch of each trial; on a corpus that knows each modality's
  own sentiment (synthetic, or CH-SIMS with its human labels of each modality) also how the
  generated labels of the training split (``label_truth``) and the human label (``human_truth``)
  correlate with each modality's own sentiment.
- ``labels``: the generated unimodal labels of the training split, by epoch and task.
- ``predictions``: validation and test predictions of finished trials, and those for at most 64
  utterances of the training split (``train``), those of the paper's Table 5 among them, to be
  shown with their generated labels.
- ``utterances``: id, text and human label of every utterance of each corpus that the run has
  read, once; ``position`` is the index into ``labels``. Where humans labelled each modality on its
  own, as in CH-SIMS, ``label_T``, ``label_A`` and ``label_V`` hold these labels. The texts may be
  under a licence: ``sugrm-search publish`` writes a copy of a run without this table, ``labels``
  and ``predictions``; write documents with ``report --no-text``.

``importance.json`` holds the importance of each searched parameter: its share by PED-ANOVA over the
finished trials of the search, if there are at least 20, and how many of them have the parameter.

``splits.json``, in a published copy, holds the number of utterances of each split of each corpus.

``peak_memory_mib`` is the peak since the last start of the trial, while it was trained and scored:
on a GPU the memory of its tensors, on a CPU that of its worker process, which includes some hundred
MiB of PyTorch and other libraries; null where the system does not measure it (any but Linux). With
``launcher: sequential`` it is the memory of the process of the command, which has loaded more
libraries. Rows written before the column ``precision`` hold for trials on a CPU the peak since the
worker started.

Columns are only ever added; a reader fills a column that an older part lacks with nulls.
"""

from typing import Any

import pyarrow as pa

SCHEMA_VERSION = 1

METRICS: tuple[str, ...] = (
    "loss",
    "mae",
    "corr",
    "acc2_negative_nonnegative",
    "acc2_negative_positive",
    "f1_negative_nonnegative",
    "f1_negative_positive",
    "acc5",
    "acc7",
    "acc2_sims",
    "f1_sims",
    "acc3_sims",
    "acc5_sims",
)
"""Metric names; a metric's column is prefixed with its split: ``valid_mae``, ``test_mae``.

A trial has the metrics of its dataset: those that end with ``_sims`` on CH-SIMS, the other
accuracies and F1 on MOSI and MOSEI. The others are null.
"""

FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
STATUSES = (FINISHED, STOPPED, FAILED)
HOPELESS = "hopeless"
"""The first word of the message of a trial that was stopped without gain over the mean."""
SEARCH, CONFIRM, ABLATION = "search", "confirm", "ablation"
PHASES = (SEARCH, CONFIRM, ABLATION)

_COUNTERS = ("undefined_label_bound", "undefined_direction", "undefined_centre")
COUNTERS: tuple[str, ...] = _COUNTERS
"""Counts of utterances and steps where a generated label was undefined; the human one was kept."""

TRAIN, TEST = "train", "test"
"""Names of splits in ``predictions`` and ``utterances``."""

IMPORTANCE_FILE = "importance.json"
IMPORTANCE_TRIALS = 20
"""How many finished trials it takes until importance is computed and shown."""

UNIMODAL_TASKS = ("T", "A", "V")
TRUTHS: tuple[str, ...] = ("label_truth", "human_truth")
"""Correlations with the true sentiment; a column ends with its task: ``label_truth_T``."""


def _schema(*fields: "pa.Field[Any]") -> pa.Schema:
    return pa.schema(fields)


def _metric_fields(*splits: str) -> "list[pa.Field[Any]]":
    return [pa.field(f"{split}_{metric}", pa.float64()) for split in splits for metric in METRICS]


TRIALS = _schema(
    pa.field("key", pa.string()),
    pa.field("status", pa.string()),
    pa.field("seed", pa.int64()),
    pa.field("config", pa.string()),  # resolved experiment, JSON
    pa.field("alignment", pa.string()),
    pa.field("model", pa.string()),
    pa.field("data_fingerprint", pa.string()),
    pa.field("encoder_fingerprint", pa.string()),
    pa.field("start_fingerprint", pa.string()),  # of the weights it starts from, null for initial
    pa.field("numerics", pa.int32()),
    pa.field("epochs", pa.int32()),
    pa.field("best_epoch", pa.int32()),
    pa.field("monitor", pa.string()),
    *_metric_fields("valid", "test"),  # at the best epoch; test only for finished trials
    pa.field("failure", pa.string()),  # oom, nan, crash, timeout, lost_node
    pa.field("message", pa.string()),  # of the failure, or why a trial without gain was stopped
    pa.field("traceback", pa.string()),
    pa.field("attempts", pa.int32()),
    pa.field("parameters", pa.int64()),  # a frozen text encoder's among them
    pa.field("trainable_parameters", pa.int64()),
    pa.field("seconds", pa.float64()),
    pa.field("seconds_per_epoch", pa.float64()),
    pa.field("inference_seconds", pa.float64()),  # test split, once, text encoder included
    pa.field("peak_memory_mib", pa.float64()),  # of the trial, see above
    pa.field("device", pa.string()),
    pa.field("processor", pa.string()),  # its GPU or kind of CPU, by name; null if unknown
    pa.field("precision", pa.string()),  # float32, bfloat16 or float16; null in older parts
    pa.field("node", pa.string()),
    pa.field("node_id", pa.string()),  # Ray's, which tells apart nodes of one host name
    pa.field("gpus", pa.string()),  # CUDA_VISIBLE_DEVICES of the trial, null without a GPU
    pa.field("ended_at", pa.timestamp("us", tz="UTC")),
    pa.field("adopted_from", pa.string()),  # the run beside this one that computed the trial
    pa.field("data_left_out", pa.bool_()),  # true: its labels and predictions are not in this copy
    pa.field("schema_version", pa.int32()),
)

ROLES = _schema(
    pa.field("phase", pa.string()),
    pa.field("group", pa.string()),  # ablation name; else key of the search's leading trial
    pa.field("cell", pa.string()),  # cell of the ablation, "" otherwise
    pa.field("number", pa.int32()),  # of the suggestion, or rank of the confirmation
    pa.field("seed", pa.int64()),
    pa.field("key", pa.string()),
    pa.field("changes", pa.string()),  # dotted option -> value over the fixed values, JSON
    pa.field("schema_version", pa.int32()),
)

EPOCHS = _schema(
    pa.field("key", pa.string()),
    pa.field("epoch", pa.int32()),
    pa.field("seconds", pa.float64()),
    pa.field("train_loss", pa.float64()),
    *_metric_fields("valid"),
    *[pa.field(counter, pa.int64()) for counter in _COUNTERS],
    *[pa.field(f"{truth}_{task}", pa.float64()) for truth in TRUTHS for task in UNIMODAL_TASKS],
    pa.field("schema_version", pa.int32()),
)

LABELS = _schema(
    pa.field("key", pa.string()),
    pa.field("epoch", pa.int32()),
    pa.field("task", pa.string()),
    pa.field("labels", pa.list_(pa.float32())),  # in the order of the training split
    pa.field("schema_version", pa.int32()),
)

PREDICTIONS = _schema(
    pa.field("key", pa.string()),
    pa.field("split", pa.string()),
    pa.field("id", pa.string()),  # distinct in a split: a#2, a#3 ... where a file repeats a
    pa.field("label", pa.float32()),
    *[pa.field(f"prediction_{task}", pa.float32()) for task in "MTAV"],
    pa.field("schema_version", pa.int32()),
)

UTTERANCES = _schema(
    pa.field("data_fingerprint", pa.string()),
    pa.field("alignment", pa.string()),
    pa.field("split", pa.string()),
    pa.field("position", pa.int32()),  # in its split, from 0
    pa.field("id", pa.string()),  # distinct in a split: a#2, a#3 ... where a file repeats a
    pa.field("text", pa.string()),  # transcript
    pa.field("label", pa.float32()),  # human sentiment
    pa.field("label_T", pa.float32()),  # human sentiment of the text alone, null without one
    pa.field("label_A", pa.float32()),  # human sentiment of the audio alone, null without one
    pa.field("label_V", pa.float32()),  # human sentiment of the vision alone, null without one
    pa.field("schema_version", pa.int32()),
)

SCHEMAS: dict[str, pa.Schema] = {
    "trials": TRIALS,
    "roles": ROLES,
    "epochs": EPOCHS,
    "labels": LABELS,
    "predictions": PREDICTIONS,
    "utterances": UTTERANCES,
}

ESSENTIAL: dict[str, tuple[str, ...]] = {
    "trials": ("key", "status", "seed", "config", "valid_mae", "test_mae"),
    "roles": ("phase", "seed", "key"),
    "epochs": ("key", "epoch", "valid_mae"),
    "labels": ("key", "epoch", "task", "labels"),
    "predictions": ("key", "split", "id", "label", "prediction_M"),
    "utterances": ("data_fingerprint", "alignment", "split", "position", "id"),
}
"""Columns that parts of every version have; a part without them is damaged."""
