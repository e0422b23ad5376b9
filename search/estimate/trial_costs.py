"""What a trial costs: the medians of ledgers, or the measurement of a probe."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from reports.ledger.schema import FAILED
from reports.ledger.trials import Trial
from search.estimate.groups import CostGroup

if TYPE_CHECKING:
    from sugrm.training.probe import Probe

BYTES_A_WEIGHT = 4
"""Bytes of one weight of a model, float32."""
BYTES_A_TRAINED_WEIGHT = 4 * BYTES_A_WEIGHT
"""Bytes of one trained weight in a checkpoint: last and best value, two optimiser moments."""
LEDGER_COLUMNS = (
    "key",
    "status",
    "config",
    "data_fingerprint",
    "seconds_per_epoch",
    "inference_seconds",
    "trainable_parameters",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one trial of a group costs.

    Attributes:
        epoch_seconds: seconds of an epoch, its checkpoint included where that was measured.
        trial_seconds: seconds of a trial beside its epochs.
        checkpoint_bytes: bytes of one checkpoint file.
        source: where the numbers come from, in words.
        once_seconds: seconds of work that one trial does for all: the hidden states of a frozen
            text encoder.
    """

    epoch_seconds: float
    trial_seconds: float
    checkpoint_bytes: int
    source: str
    once_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CostKey:
    """Trials whose times may be compared: one group on one corpus."""

    group: CostGroup
    data_fingerprint: str


def ledger_costs(trials: Iterable[Trial]) -> dict[CostKey, Cost]:
    """Return the costs of trials that ended after at least one epoch: the medians of each group."""
    found: dict[CostKey, list[Trial]] = {}
    for trial in trials:
        group = _group(trial) if trial.status != FAILED else None
        if group is not None:
            found.setdefault(CostKey(group, trial.data_fingerprint or ""), []).append(trial)
    return {key: _median(some) for key, some in found.items()}


def _group(trial: Trial) -> CostGroup | None:
    """Return the group of a trial; None where its times or its configuration are unusable."""
    epoch, inference = trial.seconds_per_epoch, trial.inference_seconds or 0.0
    if not epoch or not math.isfinite(epoch) or not math.isfinite(inference):
        return None
    try:
        return CostGroup.of(json.loads(trial.config))
    except (LookupError, TypeError, AttributeError):
        return None


def probe_cost(measured: "Probe") -> Cost:
    """Return the cost that a probe has measured."""
    return Cost(
        epoch_seconds=measured.epoch_seconds + measured.save_seconds,
        trial_seconds=measured.build_seconds + measured.score_seconds,
        checkpoint_bytes=measured.checkpoint_bytes,
        source=f"a two-batch probe on {measured.device}",
        once_seconds=measured.states_seconds,
    )


def _median(trials: list[Trial]) -> Cost:
    scored = [each for each in trials if each.inference_seconds is not None]
    weights = [each.trainable_parameters or 0 for each in scored]
    count = f"{len(trials)} trial" if len(trials) == 1 else f"{len(trials)} trials"
    return Cost(
        epoch_seconds=median(each.seconds_per_epoch or 0.0 for each in trials),
        trial_seconds=median([each.inference_seconds or 0.0 for each in scored] or [0.0]),
        checkpoint_bytes=max(weights, default=0) * BYTES_A_TRAINED_WEIGHT,
        source=f"{count} in the ledger",
    )
