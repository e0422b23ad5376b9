"""A trial that was computed again, compared with its record number by number."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.reading.results import Results
from reports.ledger.schema import METRICS
from reports.ledger.trials import Trial

Rows = Mapping[tuple[Any, ...], Mapping[str, Any]]
"""Place of a row (an epoch, an utterance of a split) -> its values by name."""
_SPLITS = ("valid", "test")
_NOT_NUMBERS = ("key", "seconds", "schema_version")
_CIRCUMSTANCES = {
    "numerics": "version of the calculations",
    "data_fingerprint": "fingerprint of the data",
    "encoder_fingerprint": "fingerprint of the text encoder",
    "start_fingerprint": "fingerprint of the weights to start from",
    "device": "device",
    "processor": "processor",
    "precision": "precision",
}
_COMPUTING = ("sugrm-search", "torch", "transformers", "numpy", "peft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A trial's record and the same trial computed again.

    A trial that the search stopped is compared up to its last recorded epoch.

    Attributes:
        seed: the seed of both.
        metrics: how many metrics were compared.
        different: the names of the metrics that differ, as in ``test/mae``.
        metric_difference: the largest absolute difference of a metric; NaN where one is missing.
        epochs: how many epochs were compared, by training loss, validation metrics and counters.
        first_epoch: the first epoch that differs, None for none.
        epoch_difference: the largest absolute difference of a number of that epoch.
        predictions: how many predicted utterances were compared, 0 where the record has none.
        prediction_difference: the largest absolute difference of a prediction.
    """

    seed: int
    metrics: int
    different: tuple[str, ...]
    metric_difference: float
    epochs: int
    first_epoch: int | None
    epoch_difference: float
    predictions: int
    prediction_difference: float

    @property
    def is_equal(self) -> bool:
        """Return whether each compared number is the same to the last bit."""
        return not (self.different or self.first_epoch or self.prediction_difference)


def compare_trials(
    original: Results, repeated: Results, *, key: str, repeated_key: str
) -> Comparison:
    """Return the comparison of a trial's record with its repetition.

    Args:
        original: the run of the record.
        repeated: the run that computed the trial again.
        key: the trial's key in ``original``.
        repeated_key: its key in ``repeated``; another one where code, data or encoder differ.
    """
    record, trial = original.trials[key], repeated.trials[repeated_key]
    pairs = dict(_metrics(record, trial))
    different = {name: pair for name, pair in pairs.items() if repr(pair[0]) != repr(pair[1])}
    epochs = _by(original.epochs([key]), "epoch"), _by(repeated.epochs([repeated_key]), "epoch")
    predictions = (
        _by(original.predictions([key]), "split", "id"),
        _by(repeated.predictions([repeated_key]), "split", "id"),
    )
    first = min(_different_rows(*epochs), default=None)
    return Comparison(
        seed=record.seed,
        metrics=len(pairs),
        different=tuple(different),
        metric_difference=_largest(_distance(*pair) for pair in different.values()),
        epochs=len(epochs[0]),
        first_epoch=None if first is None else first[0],
        epoch_difference=_largest_difference(*epochs, places=[first] if first else []),
        predictions=len(predictions[0]),
        prediction_difference=_largest_difference(
            *predictions, places=_different_rows(*predictions)
        ),
    )


def circumstances(
    original: Results, repeated: Results, *, key: str, repeated_key: str
) -> Iterator[str]:
    """Yield what differs between the two besides their numbers, as ``NAME: HERE, recorded THERE``.

    Of the facts that the record lacks only the processor is named, since it can be the cause.
    """
    record, trial = original.trials[key], repeated.trials[repeated_key]
    for name, title in _CIRCUMSTANCES.items():
        yield from _difference(title, getattr(trial, name), getattr(record, name))
    if trial.processor and not record.processor:
        yield f"processor: {trial.processor}, not recorded"
    if record.adopted_from is None:
        here, there = (_packages(one, of) for one, of in ((repeated, trial), (original, record)))
        for name in _COMPUTING:
            yield from _difference(name, here.get(name), there.get(name))


def _difference(title: str, here: object, there: object) -> Iterator[str]:
    if here and there and here != there:
        yield f"{title}: {_short(here)}, recorded {_short(there)}"


def _short(value: object) -> str:
    text = str(value)
    return text[:12] if len(text) > 40 and text.isalnum() else text


def _packages(results: Results, trial: Trial) -> Mapping[str, Any]:
    """Return package -> version of the command that computed a trial."""
    versions: list[Version] = [
        version
        for version in results.experiment.versions
        if version.started_at and version.started_at <= trial.ended_at.isoformat()
    ]
    found = versions[-1].environment.get("packages") if versions else None
    return found if isinstance(found, Mapping) else {}


def _metrics(record: Trial, trial: Trial) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield name and both values of each recorded metric of a finished trial."""
    if not record.has_finished:
        return
    yield "best epoch", (record.best_epoch, trial.best_epoch)
    for split in _SPLITS:
        for metric in METRICS:
            values = (record.column(f"{split}_{metric}"), trial.column(f"{split}_{metric}"))
            if values[0] is not None:
                yield f"{split}/{metric}", values


def _by(rows: pa.Table, *names: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows of a table by these columns, without what is not a result."""
    return {
        tuple(row[name] for name in names): {
            name: value for name, value in row.items() if name not in (*names, *_NOT_NUMBERS)
        }
        for row in rows.to_pylist()
    }


def _different_rows(recorded: Rows, repeated: Rows) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each recorded row that differs from the repeated one."""
    for place, row in recorded.items():
        other = repeated.get(place, {})
        if any(repr(value) != repr(other.get(name)) for name, value in row.items()):
            yield place


def _largest_difference(
    recorded: Rows, repeated: Rows, *, places: Iterable[tuple[Any, ...]]
) -> float:
    """Return the largest distance of two values of the same place, 0 where all are equal."""
    return _largest(
        _distance(value, repeated.get(place, {}).get(name))
        for place in places
        for name, value in recorded[place].items()
        if repr(value) != repr(repeated.get(place, {}).get(name))
    )


def _largest(distances: Iterable[float]) -> float:
    """Return the largest distance: NaN where one is NaN, 0 where there is none."""
    return max(distances, key=lambda each: math.inf if math.isnan(each) else each, default=0.0)


def _distance(one: object, other: object) -> float:
    """Return the distance of two numbers that are not the same, NaN unless both are numbers."""
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return math.nan
    return abs(one - other)
