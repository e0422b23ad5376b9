"""What a study that people look at records of a trial, beside what its sampler learns from."""

from datetime import timedelta
from math import isfinite

from optuna.trial import FrozenTrial

from reports.ledger.reading.searched import Searched

_ATTRIBUTES = ("key", "seed", "model", "alignment", "best_epoch", "epochs", "failure", "message")


def recorded_trial(frozen: FrozenTrial, searched: Searched) -> FrozenTrial:
    """Give a trial its times, and its recorded values that the search may see as attributes."""
    trial = searched.mean
    # Optuna's times are local, without a time zone.
    ended = trial.ended_at.astimezone().replace(tzinfo=None)
    seconds = sum(each.seconds or 0.0 for each in searched.trials)
    frozen.datetime_start = ended - timedelta(seconds=seconds)
    frozen.datetime_complete = ended
    attributes = {name: trial.column(name) for name in _ATTRIBUTES}
    known = {name: value for name, value in attributes.items() if value is not None}
    scores = {f"valid/{name}": value for name, value in trial.valid.items() if isfinite(value)}
    frozen.user_attrs = {"suggestion": searched.number, **known, **scores}
    if len(searched.trials) > 1:
        frozen.user_attrs["seeds"] = [each.seed for each in searched.trials]
    return frozen
