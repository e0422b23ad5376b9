"""Which data the trials of a run read, and whether published values may be shown beside them.

The paper's numbers belong to its splits (Table 6). A file of other sizes is other data, whatever
the space calls it: it is named by its sizes, and no published value is shown beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger.reading.load import Results
from reports.ledger.reading.splits import FILE, read_splits
from reports.ledger.schema import FINISHED, TEST, TRAIN
from reports.ledger.trials import Trial
from reports.published.setup import SPLITS, published_splits
from reports.results.seed_groups import SeedGroup

Corpus = tuple[str, str]
"""Alignment and fingerprint of the data of a trial."""
Sizes = Mapping[str, int]
"""Utterances by split; a split of unknown size is absent."""
OTHER_DATA = "other data"
"""Shown instead of a comparison of settings that read different splits."""
FEW_UTTERANCES = 50
"""A run warns of a validation or test split with fewer utterances, as ``sugrm.data`` does."""
_MOST_TRIALS = 16
"""Most trials whose generated labels are read: not every system has any, and all fill gigabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The data that trials read; equal data are the same file.

    Attributes:
        dataset: its name in the space.
        fingerprint: fingerprint of its content.
        sizes: number of utterances in training, validation and test; None if unknown.
    """

    dataset: str
    fingerprint: str
    sizes: tuple[int | None, ...]

    @property
    def is_published(self) -> bool:
        """Return whether it has the sizes of the paper's splits, as far as they are known."""
        theirs = published_splits(self.dataset)
        return (
            bool(theirs)
            and self.sizes[SPLITS.index(TEST)] is not None
            and all(
                size in (None, theirs[split])
                for split, size in zip(SPLITS, self.sizes, strict=True)
            )
        )

    @property
    def name(self) -> str:
        """Return the dataset's name for the paper's data; that of other data has its sizes."""
        if self.is_published or not (self._are_known or published_splits(self.dataset)):
            return self.dataset
        return f"{self.dataset} {self._listed}"

    @property
    def why_unpublished(self) -> str:
        """Return why no published value is shown; "" for the paper's and unknown datasets."""
        theirs = published_splits(self.dataset)
        if self.is_published or not theirs:
            return ""
        own = f"these have {self._listed}" if self._are_known else "the sizes of these are unknown"
        return (
            f"No published values are shown for {self.name}: the paper's {self.dataset} has "
            f"{_listed(tuple(theirs.values()))} utterances in training, validation and test; {own}."
        )

    @property
    def _are_known(self) -> bool:
        return any(size is not None for size in self.sizes)

    @property
    def _listed(self) -> str:
        return _listed(self.sizes) if self._are_known else "of unknown sizes"


def data_of(results: Results, trial: Trial) -> Data:
    """Return the data that a trial of a run read."""
    alignment, fingerprint = trial.alignment, trial.data_fingerprint
    sizes = split_sizes(results).get((alignment or "", fingerprint or ""), {})
    dataset = results.experiment.dataset
    return Data(
        dataset=dataset,
        fingerprint=str(fingerprint),
        sizes=tuple(sizes.get(split) for split in SPLITS),
    )


def data_of_setting(results: Results, setting: SeedGroup) -> Data | None:
    """Return the data that the finished trials of one setting read; None where it has none."""
    trial = next(iter(setting.finished.values()), None)
    return None if trial is None else data_of(results, trial)


def have_other_splits(results: Results, first: SeedGroup, *, second: SeedGroup) -> bool:
    """Return whether two settings read splits of different sizes: then nothing compares them.

    The aligned and the unaligned file of a corpus have the same utterances.
    """
    read = [data_of_setting(results, setting) for setting in (first, second)]
    sizes = [data.sizes for data in read if data is not None]
    return len(sizes) == 2 and any(
        None not in pair and pair[0] != pair[1] for pair in zip(*sizes, strict=True)
    )


def training_utterances(results: Results, trial: Trial) -> pa.Table:
    """Return the recorded utterances of the training split that a trial read."""
    rows = results.utterances()
    wanted = {"split": TRAIN} | {
        name: trial.column(name) for name in ("data_fingerprint", "alignment")
    }
    for name, value in wanted.items():
        rows = rows.filter(pc.equal(rows[name], pa.scalar(value, pa.string())))
    return rows


def data_names(results: Results) -> str:
    """Return the names of all data that the trials of a run read, "" where none is recorded."""
    read = {
        data_of(results, trial).name for trial in results.trials.values() if trial.data_fingerprint
    }
    return ", ".join(sorted(read)) or results.experiment.dataset


def small_splits(results: Results) -> str:
    """Return the validation and test splits with few utterances, as in ``valid 6, test 12``.

    It is "" without one, and for synthetic data, whose size the space chooses.
    """
    if results.experiment.dataset == "synthetic":
        return ""
    found = [
        ", ".join(
            f"{split} {sizes[split]}"
            for split in SPLITS[1:]
            if 0 < sizes.get(split, 0) < FEW_UTTERANCES
        )
        for sizes in split_sizes(results).values()
    ]
    return "; ".join(dict.fromkeys(filter(None, found)))


@lru_cache(maxsize=256)  # every table that shows a published value asks for them, of each run
def split_sizes(results: Results) -> Mapping[Corpus, Sizes]:
    """Return the utterances of each split of each corpus that a run read.

    A published copy does not list its utterances, but counts them. A ledger of an older version
    does neither. There the predictions of a finished trial give the sizes of validation and test,
    and its generated labels that of training. A split without either is absent.
    """
    sizes: dict[Corpus, dict[str, int]] = {corpus: {} for corpus in _trials(results)}
    listed = _counted(results.utterances(), "alignment", "data_fingerprint", "split")
    for row in listed:
        corpus = (row["alignment"], row["data_fingerprint"])
        sizes.setdefault(corpus, {})[row["split"]] = row["count_all"]
    for corpus, counted in _recorded(results).items():
        if not sizes.get(corpus):
            sizes[corpus] = dict(counted)
    for corpus, trials in _trials(results).items():
        if not sizes[corpus]:
            sizes[corpus] = {**_labelled(results, trials), **_predicted(results, trials)}
    return sizes


def _recorded(results: Results) -> Mapping[Corpus, Sizes]:
    """Return the sizes that a published copy recorded."""
    try:
        return read_splits(results.folder)
    except ValueError as error:
        results.warn(f"left out the damaged {FILE} ({error})")
        return {}


def _trials(results: Results) -> dict[Corpus, list[str]]:
    """Return the keys of some finished trials of each corpus, the newest first."""
    found: dict[Corpus, list[str]] = {}
    for trial in sorted(results.trials.values(), key=lambda one: one.ended_at, reverse=True):
        corpus = (trial.alignment or "", trial.data_fingerprint or "")
        if all(corpus) and trial.status == FINISHED:
            found.setdefault(corpus, []).append(trial.key)
    return {corpus: keys[:_MOST_TRIALS] for corpus, keys in found.items()}


def _predicted(results: Results, trials: Sequence[str]) -> dict[str, int]:
    rows = _counted(results.predictions(trials[:1]), "split")
    # A trial keeps predictions for only a few utterances of the training split.
    return {row["split"]: row["count_all"] for row in rows if row["split"] != TRAIN}


def _labelled(results: Results, trials: Sequence[str]) -> dict[str, int]:
    length = pc.max(pc.list_value_length(results.labels(trials)["labels"])).as_py()
    return {} if length is None else {TRAIN: length}


def _counted(rows: pa.Table, *names: str) -> list[dict[str, Any]]:
    return rows.group_by(list(names)).aggregate([([], "count_all")]).to_pylist()


def _listed(sizes: Sequence[int | None]) -> str:
    return "/".join("?" if size is None else str(size) for size in sizes)
