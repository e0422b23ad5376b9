"""The result of a trial: its rows in the ledger, made from the reports of its workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reports.ledger import schema
from search.ledger import EndedTrial
from search.trials.protocol import Failure, Outcome
from sugrm.training.optimisation.stopping import Stopper

if TYPE_CHECKING:
    from search.trials.factory import ResolvedTrial
    from sugrm import EpochRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a trial ended.

    Attributes:
        status: ``finished``, ``stopped`` or ``failed``.
        outcome: the result of a finished trial, else None.
        failure: why a failed trial failed, else None.
        attempts: how many times a worker was given the trial, at least 1.
        node: the node that it ran on, None if unknown.
        place: where it ran on that node, as columns of ``reports.ledger.schema.TRIALS``.
        reason: why it was stopped early, None if the scheduler decided it.
    """

    status: str
    outcome: Outcome | None = None
    failure: Failure | None = None
    attempts: int = 1
    node: str | None = None
    place: Mapping[str, str | None] = field(default_factory=dict)
    reason: str | None = None


def ended_trial(
    trial: "ResolvedTrial", records: Sequence["EpochRecord"], *, ending: Ending
) -> EndedTrial:
    """Return what the ledger records of a trial.

    A stopped trial's validation metrics are those of its best epoch so far; it has no test
    metrics. A failed trial keeps the epochs before the failure.
    """
    return EndedTrial(
        columns={
            **trial.columns(),
            "status": ending.status,
            **_scores(records, ending, monitor=trial.config.training.monitor),
            **_cost(records),
            **_explanation(ending),
            "attempts": ending.attempts,
            "node": ending.node,
            **ending.place,
        },
        epochs=[_epoch(record) for record in records],
        labels={record.epoch: record.labels for record in records if record.labels},
        predictions=_predictions(ending.outcome),
    )


def best_epoch(records: Sequence["EpochRecord"], monitor: str) -> "EpochRecord | None":
    """Return the epoch that training counts as the best so far, None before the first."""
    stopper = Stopper(monitor=monitor, patience=1)
    for record in records:
        stopper = stopper.after(record.epoch, record.valid[stopper.metric])
    return records[stopper.best_epoch - 1] if stopper.best_epoch else None


def _scores(records: Sequence["EpochRecord"], ending: Ending, *, monitor: str) -> dict[str, object]:
    outcome = ending.outcome
    if outcome is not None:
        test = {f"test_{name}": value for name, value in outcome.test.items()}
        valid = {f"valid_{name}": value for name, value in outcome.valid.items()}
        return {"best_epoch": outcome.best_epoch, **valid, **test, **outcome.columns}
    best = best_epoch(records, monitor) if ending.status == schema.STOPPED else None
    if best is None:
        return {}
    valid = {f"valid_{name}": value for name, value in best.valid.items()}
    return {"best_epoch": best.epoch, **valid}


def _cost(records: Sequence["EpochRecord"]) -> dict[str, object]:
    seconds = sum(record.seconds for record in records)
    each = seconds / len(records) if records else None
    return {"epochs": len(records), "seconds": seconds, "seconds_per_epoch": each}


def _explanation(ending: Ending) -> dict[str, object]:
    """Return why a trial failed, or why it was stopped if the scheduler did not decide it."""
    failure = ending.failure
    if failure is None:
        return {"message": ending.reason} if ending.status == schema.STOPPED else {}
    return {
        "failure": failure.kind,
        "message": failure.message,
        "traceback": failure.traceback,
    }


def _epoch(record: "EpochRecord") -> dict[str, object]:
    return {
        "epoch": record.epoch,
        "seconds": record.seconds,
        "train_loss": record.train_loss,
        **{f"valid_{name}": value for name, value in record.valid.items()},
        **record.counters,
        **{f"label_truth_{task}": value for task, value in record.label_truth.items()},
        **{f"human_truth_{task}": value for task, value in record.human_truth.items()},
    }


def _predictions(outcome: Outcome | None) -> dict[str, dict[str, Any]]:
    if outcome is None:
        return {}
    return {
        split: {"id": found.ids, "label": found.labels, **found.predictions}
        for split, found in outcome.predictions.items()
    }
