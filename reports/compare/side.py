"""What the two sides of a comparison are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.load import Results
from reports.select import Repeated

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Best:
    """The best of a run.

    Attributes:
        name: what it is, to be read within a sentence.
        setting: its trials over seeds; one seed where nothing was confirmed.
    """

    name: str
    setting: Repeated


@dataclass(frozen=True)
class Side:
    """One run of a comparison; ``name`` tells it from the other one."""

    name: str
    results: Results
    best: Best | None

    @cached_property
    def predictions(self) -> pa.Table:
        """Return the test predictions of the best's trials: key, id, label, prediction_M."""
        if self.best is None:
            return pa.table({name: [] for name in ("key", "id", "label", "prediction_M")})
        keys = pa.array([trial.key for trial in self.best.setting.finished.values()], pa.string())
        rows = self.results.predictions()
        wanted = pc.and_(pc.equal(rows["split"], "test"), pc.is_in(rows["key"], value_set=keys))
        return rows.filter(wanted).select(["key", "id", "label", "prediction_M"])

    @cached_property
    def labels(self) -> Mapping[str, float]:
        """Return the human label of each test utterance that is recorded."""
        rows = self.predictions
        return dict(zip(rows["id"].to_pylist(), rows["label"].to_pylist(), strict=True))

    @property
    def fingerprints(self) -> frozenset[str]:
        """Return those of the data that the best's trials read."""
        trials = self.best.setting.finished.values() if self.best else ()
        return frozenset(str(trial.record["data_fingerprint"]) for trial in trials)

    def ensemble(self, count: int) -> Mapping[str, float]:
        """Return the mean prediction of the first ``count`` seeds by utterance.

        An utterance without a finite prediction of every seed is left out.
        """
        assert self.best is not None
        seeds = sorted(self.best.setting.finished)[:count]
        keys = [self.best.setting.finished[seed].key for seed in seeds]
        rows = self.predictions
        chosen = rows.filter(
            pc.and_(
                pc.is_in(rows["key"], value_set=pa.array(keys, pa.string())),
                pc.is_finite(rows["prediction_M"]),
            )
        )
        means = chosen.group_by("id").aggregate([("prediction_M", "mean"), ("key", "count")])
        whole = means.filter(pc.equal(means["key_count"], len(keys)))
        values = whole["prediction_M_mean"].to_pylist()
        return dict(zip(whole["id"].to_pylist(), values, strict=True))


@dataclass(frozen=True)
class Pair:
    """Both sides; differences are always ``second - first``."""

    first: Side
    second: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both."""
        return self.first, self.second

    @cached_property
    def obstacle(self) -> str:
        """Return why the best of both cannot be tested against each other, "" if they can."""
        for side in self.sides:
            if side.best is None:
                return f"{side.name} has no trial that could be its best"
        if self.first.fingerprints == self.second.fingerprints:
            return ""
        if not self.first.labels or not self.second.labels:
            return "the data differ, and no predictions tell whether the test utterances do"
        if self.first.labels != self.second.labels:
            return "the test utterances or their labels differ"
        return ""


def names_of(first: Results, second: Results) -> tuple[str, str]:
    """Return what the runs are called: by their names, numbered where these are the same."""
    names = first.experiment.name, second.experiment.name
    return names if names[0] != names[1] else (f"{names[0]} (1)", f"{names[1]} (2)")
