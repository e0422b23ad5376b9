"""The trials of a run: each row of ``trials`` as a typed value, and which row of a key counts."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pyarrow as pa

from reports.ledger.schema import FINISHED, METRICS

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""When a trial ended whose row does not say it."""
ABSENT: Final = object()
"""The value of an option that a configuration does not have; it equals no other."""


_NOTHING: Mapping[str, float] = MappingProxyType({})


class Trial(NamedTuple):
    """One trial that ended; a named tuple, since opening a run makes thousands of them.

    The fields are the columns of ``reports.ledger.schema.TRIALS``; those without a default are
    null in no row, the others are None where the ledger does not say.

    Attributes:
        config: resolved experiment, JSON; ``{}`` where the row has none.
        ended_at: when it ended; ``UNKNOWN_TIME`` where the row does not say.
        valid: validation metrics at the best epoch, by name; a name without a value is absent, and
            an infinite value is NaN.
        test: test metrics, likewise; empty unless the trial finished.
    """

    key: str
    status: str
    seed: int
    config: str = "{}"
    ended_at: datetime = UNKNOWN_TIME
    alignment: str | None = None
    model: str | None = None
    data_fingerprint: str | None = None
    encoder_fingerprint: str | None = None
    start_fingerprint: str | None = None
    numerics: int | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    monitor: str | None = None
    failure: str | None = None
    message: str | None = None
    traceback: str | None = None
    attempts: int | None = None
    parameters: int | None = None
    trainable_parameters: int | None = None
    seconds: float | None = None
    seconds_per_epoch: float | None = None
    inference_seconds: float | None = None
    peak_memory_mib: float | None = None
    device: str | None = None
    processor: str | None = None
    precision: str | None = None
    node: str | None = None
    node_id: str | None = None
    gpus: str | None = None
    adopted_from: str | None = None
    data_left_out: bool | None = None
    schema_version: int | None = None
    valid: Mapping[str, float] = _NOTHING
    test: Mapping[str, float] = _NOTHING

    def __repr__(self) -> str:
        """Return key, end, seed and validation MAE, or what failed."""
        parts = [self.key, self.status, f"seed {self.seed}"]
        if "mae" in self.valid:
            parts.append(f"valid mae {self.valid['mae']:.4g}")
        if self.failure:
            parts.append(self.failure)
        return f"Trial({', '.join(parts)})"

    @property
    def has_finished(self) -> bool:
        """Return whether the trial ran to its end."""
        return self.status == FINISHED

    @property
    def setting(self) -> tuple[Any, ...]:
        """Return what two trials share that differ in nothing but their seed."""
        return (self.config, self.data_fingerprint, self.encoder_fingerprint, self.numerics)

    def column(self, name: str) -> Any:  # noqa: ANN401 - each column has a type of its own
        """Return the value of a column of ``schema.TRIALS``, None where there is none."""
        split, _, metric = name.partition("_")
        if split == "valid":
            return self.valid.get(metric)
        return self.test.get(metric) if split == "test" else getattr(self, name)


_FIELDS = tuple(name for name in Trial._fields if name not in ("valid", "test"))


def trial_of(row: Mapping[str, Any]) -> Trial:
    """Return the trial of a row of ``trials``; columns that the row lacks count as null."""
    return next(_trials({name: [value] for name, value in row.items()}, 1))


def trials_in(rows: pa.Table) -> Iterator[Trial]:
    """Yield the trial of each row of ``trials``; columns that the table lacks count as null."""
    return _trials({name: rows[name].to_pylist() for name in rows.column_names}, len(rows))


def choose(trials: Iterable[Trial]) -> dict[str, Trial]:
    """Return one trial for each key: of several rows the finished one, then the newest.

    Of a row and its published copy, which lacks labels and predictions, the first counts.
    """
    chosen: dict[str, Trial] = {}
    for trial in trials:
        known = chosen.get(trial.key)
        if known is None or _precedence(trial) >= _precedence(known):
            chosen[trial.key] = trial
    return chosen


def option_value(config: Mapping[str, Any], option: str) -> object:
    """Return the value of a dotted option, ``ABSENT`` if the configuration has none."""
    value: Any = config
    for name in option.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return ABSENT
        value = value[name]
    return value


def effective_value(
    config: Mapping[str, Any],
    option: str,
    *,
    condition: Mapping[str, Sequence[Any]],
    default: object = ABSENT,
) -> object:
    """Return the value of a dotted option, ``ABSENT`` where it has no effect.

    Args:
        config: the resolved configuration.
        option: the dotted option.
        condition: other option -> values with which ``option`` has an effect.
        default: the value where the configuration lacks the option.
    """
    if all(option_value(config, other) in values for other, values in condition.items()):
        value = option_value(config, option)
        return default if value is ABSENT else value
    return ABSENT


def _precedence(trial: Trial) -> tuple[bool, datetime, bool]:
    return trial.has_finished, trial.ended_at, not trial.data_left_out


def _trials(columns: dict[str, list[Any]], count: int) -> Iterator[Trial]:
    """Yield the trials of so many rows; by column, which is the fastest way to make thousands."""
    nulls = [None] * count
    columns["config"] = [text or "{}" for text in columns.get("config", nulls)]
    columns["ended_at"] = [time or UNKNOWN_TIME for time in columns.get("ended_at", nulls)]
    plain = (columns.get(name, nulls) for name in _FIELDS)
    return map(
        Trial,
        *plain,
        _by_trial(columns, "valid", nulls=nulls),
        _by_trial(columns, "test", nulls=nulls),
    )


def _by_trial(
    columns: Mapping[str, list[Any]], split: str, *, nulls: list[None]
) -> Iterable[Mapping[str, float]]:
    """Yield the metrics of each trial on a split."""
    given = {name: columns.get(f"{split}_{name}", nulls) for name in METRICS}
    names = [name for name, column in given.items() if any(map(_is_known, column))]
    if not names:
        return repeat(_NOTHING, len(nulls))
    return map(partial(_metrics, names), *(given[name] for name in names))


def _is_known(value: float | None) -> bool:
    return value is not None


def _metrics(names: Sequence[str], *values: float | None) -> Mapping[str, float]:
    known = [value for value in values if value is not None]
    if not known:
        return _NOTHING
    if len(known) == len(names) and math.isfinite(sum(known)):  # the usual case, made faster
        return dict(zip(names, known, strict=True))
    return {
        name: value if math.isfinite(value) else math.nan
        for name, value in zip(names, values, strict=True)
        if value is not None
    }
