"""The test predictions of a setting's seeds, and the ensemble that averages them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.content.table import Note
from reports.ledger.reading.load import Results
from reports.ledger.schema import TEST
from reports.results.hardware import hardware_notes
from reports.results.missing import why_missing
from reports.results.seed_groups import SeedGroup

Numbers = NDArray[np.float64]
NO_PREDICTIONS = "no predictions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """The test predictions of one trial or of an ensemble, by utterance.

    Attributes:
        ids: [N] ids of the utterances, sorted.
        labels: [N] human sentiment labels.
        values: [N] predictions of the multimodal task; NaN where none is recorded.
    """

    ids: tuple[str | None, ...]
    labels: Numbers
    values: Numbers

    @property
    def utterances(self) -> tuple[tuple[str | None, ...], bytes]:
        """Return a value that is equal for the same utterances with the same labels."""
        return self.ids, self.labels.tobytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A setting with the predictions of its seeds.

    Attributes:
        label: its label in tables.
        setting: its trials over seeds.
        seeds: predictions by finished seed, all for the same utterances; seeds without are absent.
    """

    label: str
    setting: SeedGroup
    seeds: Mapping[int, Predicted]

    @property
    def unused(self) -> tuple[int, ...]:
        """Return the finished seeds without predictions of these utterances, ascending."""
        return tuple(sorted(self.setting.finished.keys() - self.seeds.keys()))

    def ensemble(self, seeds: Collection[int] | None = None) -> Predicted:
        """Return the mean predictions over ``seeds``, at least one; None for all seeds."""
        chosen = [self.seeds[seed] for seed in sorted(self.seeds if seeds is None else seeds)]
        with np.errstate(invalid="ignore"):  # infinities of both signs have no mean: NaN
            values = np.mean([one.values for one in chosen], axis=0)
        return Predicted(ids=chosen[0].ids, labels=chosen[0].labels, values=values)

    def why_missing(self, results: Results) -> str:
        """Return why there are no predictions where there are none."""
        return NO_PREDICTIONS if self.setting.finished else why_missing(results, self.setting)


def system_hardware(systems: Collection[System], *, what: str) -> Iterator[Note]:
    """Yield which systems were computed on which hardware, if it differs."""
    rows = {
        system.label: [system.setting.finished[seed] for seed in system.seeds] for system in systems
    }
    yield from hardware_notes(rows, what=what)


def unused_notes(systems: Collection[System]) -> Iterator[Note]:
    """Yield which finished seeds the ensembles lack; nothing where they have all."""
    lacking = [system for system in systems if system.seeds and system.unused]
    if lacking:
        names = (f"{one.label}: {', '.join(map(str, one.unused))}" for one in lacking)
        yield Note(
            "Left out: finished seeds without predictions, or with predictions for other "
            f"utterances ({'; '.join(names)})."
        )


def lost_notes(results: Results, systems: Collection[System]) -> Iterator[Note]:
    """Yield how many test utterances have a prediction in the ledger, unless all have one."""
    scored = {
        (trial.data_fingerprint, trial.alignment): len(predicted.ids)
        for system in systems
        for seed, predicted in system.seeds.items()
        for trial in [system.setting.finished[seed]]
    }
    corpora = results.utterances().group_by(["data_fingerprint", "alignment", "split"])
    for row in corpora.aggregate([([], "count_all")]).to_pylist():
        corpus = (row["data_fingerprint"], row["alignment"])
        if row["split"] == TEST and scored.get(corpus, row["count_all"]) < row["count_all"]:
            yield Note(
                f"Attention: predictions of {scored[corpus]} of the {row['count_all']} utterances "
                "of the test split are recorded; the others are left out."
            )


def systems_of(settings: Mapping[str, SeedGroup], found: Mapping[str, Predicted]) -> list[System]:
    """Return each labelled setting with its predictions, which ``found`` holds by trial key."""
    return [
        System(label=label, setting=setting, seeds=_seeds(setting, found))
        for label, setting in settings.items()
    ]


def _seeds(setting: SeedGroup, found: Mapping[str, Predicted]) -> Mapping[int, Predicted]:
    """Return the predictions by seed, without seeds whose utterances differ from the first's."""
    finished = sorted(setting.finished.items())
    seeds = {seed: found[trial.key] for seed, trial in finished if trial.key in found}
    kinds = {seed: one.utterances for seed, one in seeds.items()}
    return {seed: one for seed, one in seeds.items() if kinds[seed] == next(iter(kinds.values()))}


def read_predictions(results: Results, settings: Collection[SeedGroup]) -> dict[str, Predicted]:
    """Return the test predictions of the finished trials of ``settings``, by key."""
    keys = sorted({trial.key for setting in settings for trial in setting.finished.values()})
    if not keys:
        return {}
    rows = results.predictions(keys).select(["key", "split", "id", "label", "prediction_M"])
    rows = rows.filter(pc.equal(rows["split"], pa.scalar(TEST)))
    rows = rows.sort_by([("key", "ascending"), ("id", "ascending")])
    if not len(rows):
        return {}
    ids = rows["id"].to_pylist()
    labels, values = (_column(rows, name).astype(np.float64) for name in ("label", "prediction_M"))
    found, starts = np.unique(_column(rows, "key").astype(str), return_index=True)
    return {
        str(key): Predicted(
            ids=tuple(ids[start:end]), labels=labels[start:end], values=values[start:end]
        )
        for key, start, end in zip(found, starts, np.append(starts, len(rows))[1:], strict=True)
    }


def _column(rows: pa.Table, name: str) -> NDArray[Any]:
    return rows[name].to_numpy()
