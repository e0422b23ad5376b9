"""What driver and worker tell each other: plain values that pickle small."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sugrm import EpochRecord
    from sugrm.training import SplitPredictions

OOM, NAN, CRASH, LOST_NODE, TIMEOUT = "oom", "nan", "crash", "lost_node", "timeout"
"""Kinds of failure (``reports.ledger.schema.TRIALS``, column ``failure``)."""
DISK = "disk"
"""A failure that ends the run and not the trial: a disk is full, or a store fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTask:
    """One trial, as a worker gets it.

    Attributes:
        key: of the trial.
        config: the resolved experiment as JSON.
        seed: of the trial.
        corpus: folder of the converted corpus.
        data: the space's data section as JSON, paths absolute, for a node without that folder.
        checkpoint: folder of the trial's checkpoint.
        threads: torch threads of the worker.
        states_key: of the hidden states of its frozen text encoder, None where it has none.
        timeout_seconds: most computing time of the trial, None without a limit.
        keeps_model: whether the model of the best epoch is written beside the checkpoint.
        home: Ray's name of the driver's node, which sends data to nodes that lack it; "" for none.
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
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a trial failed."""

    kind: str
    message: str
    traceback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuMemory:
    """Memory of the GPU that a worker uses, in MiB.

    Attributes:
        peak_mib: most that the worker's allocator has held.
        reserved_mib: what it holds now.
        used_mib: what is in use on the device now, by whatever.
        total_mib: of the device.
    """

    peak_mib: float
    reserved_mib: float
    used_mib: float
    total_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a finished trial ended: the fields of ``sugrm.FitResult`` without the model.

    ``predictions`` also hold those of a sample of the training split, as ``train``.
    """

    best_epoch: int
    valid: Mapping[str, float]
    test: Mapping[str, float]
    predictions: "Mapping[str, SplitPredictions]"
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a worker says after a step: an epoch, with an outcome if it was the last; or a failure.

    Attributes:
        record: of the epoch, None if the step failed.
        outcome: of the trial that has finished.
        failure: of the trial that has failed.
        warnings: what the user should know: a checkpoint that was set aside.
        memory: of the worker's GPU, None without one.
        place: where the step ran, as columns of ``reports.ledger.schema.TRIALS``.
        stage: what the next step does before its epoch, where that may take minutes; else "".
    """

    record: "EpochRecord | None" = None
    outcome: Outcome | None = None
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    memory: GpuMemory | None = None
    place: Mapping[str, str | None] = field(default_factory=dict)
    stage: str = ""
