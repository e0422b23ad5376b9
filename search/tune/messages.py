"""What driver and worker tell each other: plain values that pickle small."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sugrm import EpochRecord
    from sugrm.training import SplitPredictions

OOM, NAN, CRASH, LOST_NODE = "oom", "nan", "crash", "lost_node"
"""Kinds of failure (``reports.schema.TRIALS``, column ``failure``)."""


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
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a trial failed."""

    kind: str
    message: str
    traceback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a finished trial ended: the fields of ``sugrm.FitResult`` without the model."""

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
    """

    record: "EpochRecord | None" = None
    outcome: Outcome | None = None
    failure: Failure | None = None
