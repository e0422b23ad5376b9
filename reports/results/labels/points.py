"""How generated labels correlate with the true sentiment, by setting, modality, seed and epoch.

The truth is the sentiment that a synthetic corpus was made from, or the human label of each
modality alone; data with neither have no points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow.compute as pc

from reports.ledger.reading.load import Results
from reports.ledger.schema import UNIMODAL_TASKS
from reports.results.confirmation import confirmation_of
from reports.results.dataset import dataset_of
from reports.results.seed_groups import SeedGroup, ablation_cells

MODALITIES: Mapping[str, str] = {"T": "text", "A": "audio", "V": "vision"}
CONFIRMED = "confirmed"
"""The group of confirmed configurations."""

_MADE = "the true sentiment of their modality, from which the synthetic corpus was made"
_GIVEN = "the human label of their modality alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPoint:
    """The labels of one modality after one epoch of one seed.

    Attributes:
        group: name of the ablation, or ``CONFIRMED``.
        cell: name of its cell, or label of the configuration.
        task: letter of the modality, a key of ``MODALITIES``.
        seed: seed of the trial.
        epoch: the epoch, from 1.
        is_best: whether the epoch is the best on validation.
        generated: Pearson's correlation of the generated labels with the truth, -1 to 1.
        human: Pearson's correlation of the human label with the truth, -1 to 1.
    """

    group: str
    cell: str
    task: str
    seed: int
    epoch: int
    is_best: bool
    generated: float
    human: float


def truth_of(results: Results) -> str:
    """Return what the labels of a run are compared with, for use within a sentence."""
    return _GIVEN if dataset_of(results).has_unimodal_labels else _MADE


def label_points(results: Results) -> Iterator[LabelPoint]:
    """Yield the points of finished trials: cells in the space's order, then configurations.

    The points of one setting, modality and seed are in the order of their epochs.
    """
    settings = list(label_settings(results))
    epochs = _epochs(results, [setting for _, _, setting in settings])
    for group, cell, setting in settings:
        for task in UNIMODAL_TASKS:
            for seed, trial in sorted(setting.finished.items()):
                for row in epochs.get(trial.key, ()):
                    if None not in (row[f"label_truth_{task}"], row[f"human_truth_{task}"]):
                        yield LabelPoint(
                            group=group,
                            cell=cell,
                            task=task,
                            seed=seed,
                            epoch=row["epoch"],
                            is_best=row["epoch"] == trial.best_epoch,
                            generated=row[f"label_truth_{task}"],
                            human=row[f"human_truth_{task}"],
                        )


def label_settings(results: Results) -> Iterator[tuple[str, str, SeedGroup]]:
    """Yield group, name and trials of each setting: cells, then confirmed configurations."""
    for group, cells in ablation_cells(results).items():
        yield from ((group, cell.cell, cell) for cell in cells)
    confirmation = confirmation_of(results)
    for place, configuration in enumerate(confirmation.configurations):
        yield CONFIRMED, confirmation.label(place), configuration


def _epochs(results: Results, settings: Sequence[SeedGroup]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the epochs with a known truth, in order, by the key of their trial."""
    keys = sorted({trial.key for setting in settings for trial in setting.finished.values()})
    if not keys:
        return {}
    rows = results.epochs(keys)
    known = reduce(pc.or_, (pc.is_valid(rows[f"label_truth_{task}"]) for task in UNIMODAL_TASKS))
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.filter(known).sort_by("epoch").to_pylist():
        found.setdefault(row["key"], []).append(row)
    return found
