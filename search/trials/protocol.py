"""The messages between driver and worker: plain values with small pickles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sugrm import EpochRecord
    from sugrm.training import SplitPredictions

OOM, NAN, CRASH, LOST_NODE, TIMEOUT = "oom", "nan", "crash", "lost_node", "timeout"
"""The kinds of failure (``reports.ledger.schema.TRIALS``, column ``failure``)."""
DISK = "disk"
"""The kind of failure that ends the run, not the trial: a disk is full, or a store fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTask:
    """The message from driver to worker: one trial to compute.

    Attributes:
        key: the trial's key.
        config: the resolved experiment as JSON.
        seed: the trial's seed.
        corpus: the folder of the converted corpus.
        data: the space's data section as JSON with absolute paths, for a node without that folder.
        checkpoint: the folder of the trial's checkpoint.
        threads: the number of torch threads, at least 1.
        states_key: the key of the cached states of its frozen text encoder, None without one.
        timeout_seconds: the most seconds that the trial may compute, None without a limit.
        keeps_model: whether the model of the best epoch is written beside the checkpoint.
        plugins: the plug-ins that it uses, each the values of a ``PluginCopy``.
        start: the weights that it starts from, the values of a ``StartCopy``, or None.
    """

    key: str
    config: str
    seed: int
    corpus: str
    data: str
    checkpoint: str
    threads: int
    states_key: str | None = None
    timeout_seconds: float | None = None
    keeps_model: bool = False
    plugins: Sequence[Mapping[str, object]] = ()
    start: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a trial failed.

    Attributes:
        kind: one of the kinds above.
        message: what happened, in one line or more.
        traceback: the traceback, or the whole text of Ray's error.
    """

    kind: str
    message: str
    traceback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuMemory:
    """The memory of the GPU that a worker uses, in MiB.

    Attributes:
        peak_mib: the most memory that the worker's allocator has held.
        reserved_mib: the memory that the allocator holds now.
        used_mib: the memory that all processes use on the device now.
        total_mib: the memory of the device.
    """

    peak_mib: float
    reserved_mib: float
    used_mib: float
    total_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a finished trial: the fields of ``sugrm.FitResult`` without the model.

    Attributes:
        best_epoch: the epoch of the best validation score, from 1.
        valid: the validation metrics at that epoch, by name.
        test: the test metrics at that epoch, by name.
        predictions: the predictions of each split; ``train`` holds a sample of that split.
        columns: other columns of ``reports.ledger.schema.TRIALS``.
    """

    best_epoch: int
    valid: Mapping[str, float]
    test: Mapping[str, float]
    predictions: "Mapping[str, SplitPredictions]"
    columns: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The message from worker to driver after a step: an epoch, or a failure.

    Attributes:
        record: the epoch that has ended, None if the step failed.
        outcome: the trial's result if this epoch was the last, else None.
        failure: why the trial failed, None if it did not.
        warnings: what the user should know, as a checkpoint that was set aside.
        memory: the memory of the worker's GPU, None without one.
        place: where the step ran, as columns of ``reports.ledger.schema.TRIALS``.
        stage: what the worker does before the next epoch, if that may take minutes; else "".
    """

    record: "EpochRecord | None" = None
    outcome: Outcome | None = None
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    memory: GpuMemory | None = None
    place: Mapping[str, str | None] = field(default_factory=dict)
    stage: str = ""
