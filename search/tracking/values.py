"""The values that trackers show: of a trial as it starts, and of each of its epochs."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION
from search.tracking.protocol import EpochValues, TrackedTrial
from sugrm.config.merge import flat
from sugrm.training.optimisation.stopping import Stopper
from sugrm.types import LABEL_BOUND

if TYPE_CHECKING:
    from reports.ledger.trials import Trial
    from search.trials.factory import ResolvedTrial
    from sugrm import EpochRecord


def starting(trial: "ResolvedTrial", role: Role) -> TrackedTrial:
    """Return a trial that starts in ``role``."""
    config = trial.config.model_dump(mode="json")
    return TrackedTrial(
        key=trial.key,
        label=label_of(role, trial.key),
        role=role,
        values=(*flat(config), ("seed", trial.seed), ("phase", role.phase)),
        label_bound=trial.label_bound,
    )


def recorded(trial: "Trial", role: Role) -> TrackedTrial:
    """Return a trial of the ledger that fills ``role``."""
    return TrackedTrial(
        key=trial.key,
        label=label_of(role, trial.key),
        role=role,
        values=(*flat(json.loads(trial.config)), ("seed", trial.seed), ("phase", role.phase)),
        has_ended=True,
        label_bound=LABEL_BOUND,  # only histograms need it, and the ledger's trials are sent none
    )


def label_of(role: Role, key: str) -> str:
    """Return the name of a trial in trackers: phase, number or cell, start of the key."""
    middle = f"{role.group}-{role.cell}" if role.phase == ABLATION else str(role.number)
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", middle).strip("-")
    return f"{role.phase}-{plain}-{key[:8]}"


class Curve:
    """The epochs of one trial as trackers show them, with the best one so far.

    Args:
        monitor: the metric that training monitors, ``valid/<metric>``.
    """

    def __init__(self, monitor: str) -> None:
        self._stopper = Stopper(monitor=monitor, patience=1)
        self._best: Mapping[str, float] = {}

    def values(self, record: "EpochRecord") -> EpochValues:
        """Return the values of the next epoch."""
        metric = record.valid.get(self._stopper.metric)
        if metric is not None:
            self._stopper = self._stopper.after(record.epoch, metric)
        if self._stopper.best_epoch == record.epoch:
            self._best = record.valid
        return EpochValues(
            epoch=record.epoch,
            time=time.time(),
            scalars=dict(_scalars(record, self._best)),
            labels=record.labels,
        )


def _scalars(record: "EpochRecord", best: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    yield "train/loss", record.train_loss
    groups = {
        "valid": record.valid,
        "best": best,
        "label_truth": record.label_truth,
        "human_truth": record.human_truth,
    }
    for group, metrics in groups.items():
        for name, value in metrics.items():
            yield f"{group}/{name}", value
    if record.labels:  # at how many utterance-steps they had no defined value
        for name, count in record.counters.items():
            yield f"labels/{name}", count
