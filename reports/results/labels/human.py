"""How generated labels agree with the human labels of single modalities, as CH-SIMS has them.

Everything is computed from the ledger: ``labels`` holds the generated labels of every utterance of
the training split, ``utterances`` its human labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.ledger.reading.load import Results
from reports.ledger.schema import TRAIN, UNIMODAL_TASKS
from reports.ledger.trials import Trial
from reports.results.labels.points import label_settings
from reports.results.labels.quantiles import settings_by_worth
from reports.results.seed_groups import SeedGroup

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanLabels:
    """The human labels of one modality over the training utterances that have one.

    Attributes:
        places: [N] positions of these utterances in the training split.
        own: [N] human labels of the modality alone.
        multimodal: [N] human labels of the whole utterance.
    """

    places: NDArray[np.intp]
    own: Numbers
    multimodal: Numbers

    def pick(self, labels: Numbers | None) -> Numbers | None:
        """Return the labels of these utterances from those of the training split.

        None where there are none, or fewer than the split has utterances.
        """
        if labels is None or not len(self.places) or self.places.max() >= len(labels):
            return None
        return labels[self.places]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How some labels agree with the human labels of a modality; NaN where that is undefined.

    Attributes:
        correlation: Pearson's correlation, -1 to 1.
        error: mean absolute difference, in units of the label.
        same_sign: share of the utterances whose human label is not 0 with a label of its sign.
    """

    correlation: float
    error: float
    same_sign: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAgreement:
    """The labels of one modality after one epoch of one seed.

    Attributes:
        group: name of the ablation, or ``CONFIRMED``.
        cell: name of its cell, or label of the configuration.
        task: letter of the modality.
        seed: seed of the trial.
        epoch: the epoch, from 1.
        is_best: whether the epoch is the best on validation.
        utterances: number of training utterances with a human label of the modality.
        generated: agreement of the generated labels.
        multimodal: agreement of the multimodal human label, which no epoch changes.
    """

    group: str
    cell: str
    task: str
    seed: int
    epoch: int
    is_best: bool
    utterances: int
    generated: Agreement
    multimodal: Agreement


@lru_cache(maxsize=4)  # a table and a figure ask for it, and every read opens the whole table
def human_labels(results: Results) -> Mapping[tuple[str, str], Mapping[str, HumanLabels]]:
    """Return the human labels of the training split, by fingerprint and alignment, then by task.

    Corpora and modalities without any are absent.
    """
    rows = results.utterances()
    rows = rows.filter(pc.equal(rows["split"], pa.scalar(TRAIN)))
    found: dict[tuple[str, str], dict[str, HumanLabels]] = {}
    for task in UNIMODAL_TASKS:
        labelled = rows.filter(pc.is_valid(rows[f"label_{task}"]))
        corpora = labelled.group_by(["data_fingerprint", "alignment"]).aggregate([])
        for corpus in corpora.to_pylist():
            key = (corpus["data_fingerprint"], corpus["alignment"])
            found.setdefault(key, {})[task] = _of_task(labelled, key, task=task)
    return found


def _of_task(rows: pa.Table, corpus: tuple[str, str], *, task: str) -> HumanLabels:
    for name, value in zip(("data_fingerprint", "alignment"), corpus, strict=True):
        rows = rows.filter(pc.equal(rows[name], pa.scalar(value)))
    rows = rows.sort_by("position")
    own, multimodal = (
        rows[name].to_numpy().astype(np.float64) for name in (f"label_{task}", "label")
    )
    return HumanLabels(
        places=rows["position"].to_numpy().astype(np.intp), own=own, multimodal=multimodal
    )


def labels_of(results: Results, trial: Trial) -> Mapping[str, HumanLabels]:
    """Return the human labels of the corpus that a trial read, by task."""
    corpus = (str(trial.data_fingerprint), str(trial.alignment))
    return human_labels(results).get(corpus, {})


def label_agreements(results: Results) -> Iterator[LabelAgreement]:
    """Yield the agreement of finished trials: cells in the space's order, then configurations.

    Those of one setting, modality and seed are in the order of their epochs.
    """
    if human_labels(results):
        for group, cell, setting in label_settings(results):
            yield from _of_setting(results, (group, cell), setting=setting)


def _of_setting(
    results: Results, name: tuple[str, str], *, setting: SeedGroup
) -> Iterator[LabelAgreement]:
    found = generated_labels(results, setting.trials)
    for task in UNIMODAL_TASKS:
        for trial in setting.trials:
            human = labels_of(results, trial).get(task)
            by_epoch = found.get((trial.key, task), {})
            if human is not None:
                multimodal = agreement(human.multimodal, human.own)
                for epoch, one in _by_epoch(human, by_epoch):
                    yield LabelAgreement(
                        group=name[0],
                        cell=name[1],
                        task=task,
                        seed=trial.seed,
                        epoch=epoch,
                        is_best=epoch == trial.best_epoch,
                        utterances=len(human.places),
                        generated=one,
                        multimodal=multimodal,
                    )


def _by_epoch(
    human: HumanLabels, by_epoch: Mapping[int, Numbers]
) -> Iterator[tuple[int, Agreement]]:
    """Yield each epoch with the agreement of its labels."""
    for epoch, every in by_epoch.items():
        labels = human.pick(every)
        if labels is not None:
            yield epoch, agreement(labels, human.own)


def generated_labels(
    results: Results, trials: Sequence[Trial]
) -> dict[tuple[str, str], dict[int, Numbers]]:
    """Return the generated labels of the training split by key and task, then by epoch."""
    found: dict[tuple[str, str], dict[int, Numbers]] = {}
    if trials:
        rows = results.labels([trial.key for trial in trials]).sort_by("epoch")
        names = (rows[name].to_pylist() for name in ("key", "task", "epoch"))
        for key, task, epoch, labels in zip(*names, rows["labels"], strict=True):
            if labels.is_valid:
                values = np.asarray(labels.values, dtype=np.float64)
                found.setdefault((key, task), {})[epoch] = values
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class BestLabels:
    """The labels of one setting at the best epoch of each of its seeds.

    Attributes:
        name: name of the setting, for use within a sentence.
        seeds: the seeds, ascending.
        generated: by task, [S, N] generated labels of N training utterances that humans labelled.
        human: by task, the human labels of these utterances.
    """

    name: str
    seeds: tuple[int, ...]
    generated: Mapping[str, Numbers]
    human: Mapping[str, HumanLabels]


def best_labels(results: Results) -> BestLabels | None:
    """Return the labels of the first setting that has some; None without human labels.

    It is the chosen configuration, else a cell of an ablation, each baseline first.
    """
    for name, setting in settings_by_worth(results) if human_labels(results) else ():
        found = _best_of(results, name, setting=setting)
        if found.seeds:
            return found
    return None


def _best_of(results: Results, name: str, *, setting: SeedGroup) -> BestLabels:
    """Return the labels of the seeds that read the data of the first and have its modalities."""
    found = generated_labels(results, setting.trials)
    human = labels_of(results, setting.trials[0]) if setting.trials else {}
    tasks = [task for task in human if any(of_task == task for _, of_task in found)]
    seeds: dict[int, dict[str, Numbers]] = {}
    for trial in setting.trials if tasks else ():
        at = trial.best_epoch or 0
        labels = {
            task: human[task].pick(found.get((trial.key, task), {}).get(at)) for task in tasks
        }
        known = {task: one for task, one in labels.items() if one is not None}
        same = trial.data_fingerprint == setting.trials[0].data_fingerprint
        if same and len(known) == len(tasks):
            seeds[trial.seed] = known
    return BestLabels(
        name=name,
        seeds=tuple(seeds),
        generated={
            task: np.stack([one[task] for one in seeds.values()]) for task in tasks if seeds
        },
        human=human,
    )


def agreement(labels: Numbers, human: Numbers) -> Agreement:
    """Return how labels [N] agree with the human ones [N]; all NaN where one is not finite."""
    if not len(human) or not np.isfinite(labels).all():
        return Agreement(correlation=np.nan, error=np.nan, same_sign=np.nan)
    signed = human != 0
    same = np.sign(labels[signed]) == np.sign(human[signed])
    constant = np.ptp(labels) == 0 or np.ptp(human) == 0
    return Agreement(
        correlation=np.nan if constant else float(np.corrcoef(labels, human)[0, 1]),
        error=float(np.abs(labels - human).mean()),
        same_sign=float(same.mean()) if signed.any() else np.nan,
    )
