"""A trial that was computed again, compared with its record number by number."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.reading.results import Results
from reports.ledger.schema import FINISHED, METRICS
from reports.ledger.trials import Trial

METRIC, EPOCH, PREDICTION, LABEL = "metric", "epoch", "prediction", "label vector"
BEST_EPOCH = "best epoch"
Place = tuple[Any, ...]
Rows = Mapping[Place, Mapping[str, Any]]
"""Place of a row (an epoch, an utterance of a split) -> its values by name."""

_SPLITS = ("valid", "test")
_NOT_RESULTS = ("key", "seconds", "schema_version")
_FACTS = {
    "numerics": "version of the calculations",
    "data_fingerprint": "fingerprint of the data",
    "encoder_fingerprint": "fingerprint of the text encoder",
    "start_fingerprint": "fingerprint of the weights to start from",
    "device": "device",
    "processor": "processor",
    "precision": "precision",
}
_PACKAGES = ("sugrm-search", "torch", "transformers", "numpy", "peft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of number of a trial: its metrics, epochs, predictions or generated labels.

    Attributes:
        title: what one of them is, in the singular.
        compared: how many were compared.
        different: those that differ, in order: names of metrics, numbers of epochs, ids.
        distance: the largest absolute difference within the first of them (of metrics and
            predictions: within all); infinite where one of two numbers is missing, NaN where one
            is NaN.
    """

    title: str
    compared: int
    different: tuple[str, ...] = ()
    distance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A trial's record and the same trial computed again.

    A trial that the search stopped, or that failed, is compared up to its last recorded epoch.

    Attributes:
        record: the recorded trial.
        trial: the trial computed again.
        parts: the kinds of numbers that the record holds.
        lacking: the kinds of numbers that the repetition has and the record lacks.
    """

    record: Trial
    trial: Trial
    parts: tuple[Part, ...]
    lacking: tuple[str, ...] = ()

    @property
    def seed(self) -> int:
        """Return the seed of both."""
        return self.record.seed

    @property
    def ends_as_recorded(self) -> bool:
        """Return whether the trial ended as its record did; a stopped one may run to its end."""
        if self.record.failure or self.trial.failure:
            return failure_text(self.record) == failure_text(self.trial)
        return self.trial.status in (self.record.status, FINISHED)

    @property
    def has_numbers(self) -> bool:
        """Return whether the record holds numbers to compare."""
        return any(part.compared for part in self.parts)

    @property
    def has_differences(self) -> bool:
        """Return whether a number differs."""
        return any(part.different for part in self.parts)

    @property
    def is_equal(self) -> bool:
        """Return whether the trial ended as recorded, with the same numbers to the last bit.

        A trial that failed before its first epoch has none; its failure is then the same.
        """
        is_compared = self.has_numbers or bool(self.record.failure)
        return self.ends_as_recorded and is_compared and not self.has_differences


def failure_text(trial: Trial) -> str:
    """Return the kind of failure of a trial and the first line of its message, "" for none."""
    if not trial.failure:
        return ""
    message = (trial.message or "").partition("\n")[0]
    return f"{trial.failure}: {message}" if message else trial.failure


def compare_trials(
    original: Results, repeated: Results, *, key: str, repeated_key: str
) -> Comparison:
    """Return the comparison of a trial's record with its repetition.

    Numbers that only the repetition has count as different where the record is that of a finished
    trial and holds others of their kind: a published copy has no predictions at all.

    Args:
        original: the run of the record.
        repeated: the run that computed the trial again.
        key: the trial's key in ``original``.
        repeated_key: its key in ``repeated``; another one where code, data or encoder differ.
    """
    record, trial = original.trials[key], repeated.trials[repeated_key]
    whole = record.has_finished
    tables = {
        EPOCH: (original.epochs([key]), repeated.epochs([repeated_key]), ("epoch",)),
        PREDICTION: (
            original.predictions([key]),
            repeated.predictions([repeated_key]),
            ("split", "id"),
        ),
        LABEL: (original.labels([key]), repeated.labels([repeated_key]), ("epoch", "task")),
    }
    parts = [*_metrics(record, trial)] if whole else []
    lacking = []
    for title, (recorded, computed, places) in tables.items():
        rows = _by(recorded, *places), _by(computed, *places)
        if rows[0]:
            parts.append(_part(title, rows, whole=whole))
        elif rows[1] and whole:
            lacking.append(title)
    return Comparison(record=record, trial=trial, parts=tuple(parts), lacking=tuple(lacking))


def circumstances(original: Results, repeated: Results, *, comparison: Comparison) -> Iterator[str]:
    """Yield what differs between the two besides their numbers, as ``NAME: HERE, recorded THERE``.

    Of the facts that the record lacks only the processor is named, since it can be the cause.
    """
    record, trial = comparison.record, comparison.trial
    for name, title in _FACTS.items():
        yield from _difference(title, here=getattr(trial, name), there=getattr(record, name))
    if str(trial.device).startswith("cuda"):
        yield "device: a GPU, which does not always add numbers in the same order"
    if trial.processor and not record.processor:
        yield f"processor: {trial.processor}, not recorded"
    here, there = repeated.experiment.version_of(trial), original.experiment.version_of(record)
    for title in ("python", *_PACKAGES):
        yield from _difference(
            title, here=_versions(here).get(title), there=_versions(there).get(title)
        )
    yield from _difference(
        "threads of a trial (resources.cpus)", here=_threads(here), there=_threads(there)
    )
    yield from _difference("commit of sugrm-search", here=_commit(here), there=_commit(there))
    for module, plugin in there.plugins.items():
        own = here.plugins.get(module) or {}
        yield from _difference(
            f"source of the plug-in {module}", here=own.get("digest"), there=plugin.get("digest")
        )


def _difference(title: str, *, here: object, there: object) -> Iterator[str]:
    if here and there and here != there:
        yield f"{title}: {_short(here)}, recorded {_short(there)}"


def _short(value: object) -> str:
    """Return a value, of a fingerprint its first letters."""
    first, _, rest = str(value).partition(" ")
    return f"{first[:12] if len(first) >= 40 else first} {rest}".rstrip()


def _versions(version: Version) -> Mapping[str, Any]:
    """Return the version of Python and of each package, by name."""
    packages = version.environment.get("packages")
    known = packages if isinstance(packages, Mapping) else {}
    return {**known, "python": version.environment.get("python")}


def _threads(version: Version) -> object:
    return (version.space.get("resources") or {}).get("cpus")


def _commit(version: Version) -> str:
    git = version.environment.get("git") or {}
    return f"{git.get('commit') or ''}{' with changes' if git.get('modified') else ''}"


def _metrics(record: Trial, trial: Trial) -> Iterator[Part]:
    names = [f"{split}/{metric}" for split in _SPLITS for metric in METRICS]
    rows: list[dict[Place, dict[str, Any]]] = [
        {
            (name,): {"value": one.column(name.replace("/", "_"))}
            for name in names
            if one.column(name.replace("/", "_")) is not None
        }
        for one in (record, trial)
    ]
    yield _part(METRIC, (rows[0], rows[1]), whole=True)
    if record.best_epoch is not None:
        same = record.best_epoch == trial.best_epoch
        yield Part(title=BEST_EPOCH, compared=1, different=() if same else (str(trial.best_epoch),))


def _part(title: str, rows: tuple[Rows, Rows], *, whole: bool) -> Part:
    """Return the comparison of the recorded rows with the computed ones."""
    recorded, computed = rows
    places = [*recorded, *(place for place in computed if whole and place not in recorded)]
    different = [place for place in places if _differs(recorded.get(place), computed.get(place))]
    measured = different[:1] if title in (EPOCH, LABEL) else different
    return Part(
        title=title,
        compared=len(recorded),
        different=tuple(str(place[0] if title != PREDICTION else place[-1]) for place in different),
        distance=_largest(
            _distance(recorded.get(place, {}), computed.get(place, {})) for place in measured
        ),
    )


def _differs(one: object, other: object) -> bool:
    """Return whether two rows differ in a bit; NaN equals NaN."""
    return repr(one) != repr(other)


def _distance(recorded: Mapping[str, Any], computed: Mapping[str, Any]) -> float:
    """Return the largest distance of two values of the same name in two rows."""
    names = dict.fromkeys([*recorded, *computed])
    pairs = ((recorded.get(name), computed.get(name)) for name in names)
    return _largest(_between(*pair) for pair in pairs if repr(pair[0]) != repr(pair[1]))


def _between(one: object, other: object) -> float:
    """Return the distance of two numbers or of two lists of them, infinite if one is missing."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return _largest(_between(*pair) for pair in pairs if repr(pair[0]) != repr(pair[1]))
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return math.inf
    return abs(one - other)


def _largest(distances: Iterable[float]) -> float:
    """Return the largest distance: infinite or NaN where one is, 0 where there is none."""
    return max(distances, key=_rank, default=0.0)


def _rank(distance: float) -> tuple[int, float]:
    if math.isnan(distance):
        return 1, 0.0
    return (2, 0.0) if math.isinf(distance) else (0, distance)


def _by(rows: pa.Table, *places: str) -> dict[Place, dict[str, Any]]:
    """Return the rows of a table by these columns, without what is not a result."""
    return {
        tuple(row[name] for name in places): {
            name: value for name, value in row.items() if name not in (*places, *_NOT_RESULTS)
        }
        for row in rows.to_pylist()
    }
