"""What a run recorded of its dataset: which metrics its trials have and where its labels lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from reports.ledger.reading.load import Results
from reports.statistics import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The dataset of a run, as far as its report needs it.

    Attributes:
        title: its name in documents, "" where none is recorded.
        kind: its metrics: ``mosi``, ``sims`` (MMSA's metrics of CH-SIMS) or ``regression`` (MAE
            and Corr alone).
        label_bound: labels lie in [-bound, bound]; None where it is unknown.
        has_unimodal_labels: whether humans labelled each modality on its own.
    """

    title: str
    kind: Kind
    label_bound: float | None
    has_unimodal_labels: bool = False


_SIMS = {"metrics": "sims", "label_bound": 1.0, "unimodal_labels": True}
_KNOWN: Mapping[str, Mapping[str, Any]] = {
    "mosi": {"title": "CMU-MOSI"},
    "mosei": {"title": "CMU-MOSEI"},
    "sims": {"title": "CH-SIMS", **_SIMS},
    "simsv2": {"title": "CH-SIMS v2.0", **_SIMS},
}
"""Datasets of which a run records the name alone; those that say no more are like MOSI."""
_MARKS: Mapping[Kind, str] = {"mosi": "acc2_negative_positive", "sims": "acc2_sims"}
"""A metric that only trials on a dataset of this kind have."""
_BOUNDS: Mapping[Kind, float] = {"mosi": 3.0, "sims": 1.0}


@lru_cache(maxsize=256)  # every table with a metric asks for it
def dataset_of(results: Results) -> Dataset:
    """Return the dataset of a run.

    Its metrics are those that its trials have; only where no trial has any, those of the recorded
    description count. A run that tells neither counts as one on MOSI.
    """
    recorded = _recorded(results)
    kind = _kind(results, recorded.get("metrics"))
    bound = recorded.get("label_bound") if recorded.get("metrics") == kind else None
    return Dataset(
        title=str(recorded.get("title") or results.experiment.dataset),
        kind=kind,
        label_bound=bound or _BOUNDS.get(kind),
        has_unimodal_labels=bool(recorded.get("unimodal_labels")),
    )


def _recorded(results: Results) -> Mapping[str, Any]:
    """Return the recorded description of the dataset; empty for one that is like MOSI."""
    given = (results.experiment.space.get("data") or {}).get("dataset")
    if isinstance(given, Mapping):
        return given
    return _KNOWN.get(results.experiment.dataset, {})


def _kind(results: Results, recorded: object) -> Kind:
    """Return the kind of the metrics that trials have; ``recorded`` is that of the description."""
    known: list[Kind] = [kind for kind in get_args(Kind) if kind == recorded]
    names = {name for trial in results.trials.values() for name in (*trial.valid, *trial.test)}
    found = [kind for kind, mark in _MARKS.items() if mark in names]
    if not names or set(known) & set(found):
        return (*known, "mosi")[0]
    return (*found, "regression")[0]
