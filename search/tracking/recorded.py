"""The trials of the ledger, for a tracker that lacks some of them."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.ledger.schema import METRICS, SEARCH, TRUTHS, UNIMODAL_TASKS
from search.tracking.values import Curve, recorded
from sugrm import EpochRecord

if TYPE_CHECKING:
    import pyarrow as pa

    from reports.ledger.roles import Role
    from reports.ledger.trials import Trial
    from search.ledger import Ledger
    from search.tracking.protocol import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTrials:
    """The trials of a run that have ended and fill a role, with their epochs.

    They are read once, so that another thread may use them while the ledger is written to.
    """

    trials: "Mapping[str, tuple[Trial, Role]]"
    epochs: "pa.Table"

    @classmethod
    def of(cls, ledger: "Ledger") -> "RecordedTrials":
        """Return what ``ledger`` holds now.

        Of the roles of a trial the first one of the search counts, else the first one.
        """
        found: dict[str, tuple[Trial, Role]] = {}
        for role, key in sorted(ledger.roles.items(), key=lambda each: each[0].phase != SEARCH):
            if key in ledger.trials:
                found.setdefault(key, (ledger.trials[key], role))
        return cls(trials=found, epochs=ledger.epochs())


def send_lacking(recorded_trials: RecordedTrials, tracker: "Tracker") -> None:
    """Send a tracker the trials that it lacks, in the order in which it names them."""
    lacking = dict.fromkeys(tracker.lacking(recorded_trials.trials))
    if not lacking:
        return
    epochs: dict[str, list[EpochRecord]] = defaultdict(list)
    for row in recorded_trials.epochs.to_pylist():
        if row["key"] in lacking:
            epochs[row["key"]].append(_record(row))
    for key in lacking:
        trial, role = recorded_trials.trials[key]
        curve = Curve(trial.monitor or "valid/loss")
        ordered = sorted(epochs[key], key=lambda record: record.epoch)
        tracker.start_trial(recorded(trial, role))
        if ordered:
            tracker.write_epochs(key, [curve.values(record) for record in ordered])
        tracker.end_trial(trial)


def _record(row: Mapping[str, Any]) -> EpochRecord:
    """Return a row of ``epochs`` as the record that it was made of, without labels."""
    truths = {
        truth: {
            task: row[f"{truth}_{task}"]
            for task in UNIMODAL_TASKS
            if row.get(f"{truth}_{task}") is not None
        }
        for truth in TRUTHS
    }
    return EpochRecord(
        epoch=row["epoch"],
        seconds=row.get("seconds") or 0.0,
        train_loss=math.nan if row.get("train_loss") is None else row["train_loss"],
        valid={
            name: row[f"valid_{name}"] for name in METRICS if row.get(f"valid_{name}") is not None
        },
        counters={},
        **truths,
    )
