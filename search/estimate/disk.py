"""How many bytes a run writes, and whether they fit on the disk of its folder."""

import math
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from reports.ledger.trials import trials_in
from search.errors import SearchError
from search.estimate.trial_costs import BYTES_A_TRAINED_WEIGHT, BYTES_A_WEIGHT
from search.ledger.ledger import open_tables
from search.plan import Plan, build_plan
from search.space.texts import texts_in_use
from sugrm.types import Modality

if TYPE_CHECKING:
    from search.estimate.work import Work
    from search.space import Space
    from search.trials.corpora import CorpusFolder

CHECKPOINTS_A_TRIAL = 3
"""Checkpoints of a running trial: the last, the best, and the one that is being written."""
_BYTES_A_TRIAL = 64 * 1024  # its Parquet parts before they are merged, mostly their footers
_BYTES_AN_EPOCH = 8 * 1024  # scalars and histograms for TensorBoard, a row of the ledger
_BYTES_A_LABEL = 4
_BYTES_A_PREDICTION = 32
_LABELLED_TASKS = 3


class DiskError(SearchError):
    """A run would fill the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterances:
    """Numbers of utterances in the splits of the larger corpus of a run.

    Attributes:
        train: utterances of the training split.
        scored: utterances of the validation and test splits together.
    """

    train: int
    scored: int

    @classmethod
    def of(cls, corpora: "Iterable[CorpusFolder]") -> "Utterances":
        """Return the sizes of the largest splits among corpora."""
        from sugrm import Corpus
        from sugrm.types import Split

        splits = [Corpus.open(corpus.folder).splits for corpus in corpora]
        return cls(
            train=max(len(each[Split.TRAIN]) for each in splits),
            scored=max(len(each[Split.VALID]) + len(each[Split.TEST]) for each in splits),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskNeed:
    """Bytes that a run writes.

    Attributes:
        checkpoints: bytes of the checkpoints of running trials, removed when the trials end.
        results: bytes of the ledger, the files for TensorBoard and the models that are kept.
    """

    checkpoints: int
    results: int

    @property
    def total(self) -> int:
        """Return the most bytes at one time."""
        return self.checkpoints + self.results


def disk_need(
    utterances: Utterances,
    *,
    trials: float,
    epochs: float,
    checkpoint: int,
    concurrency: int,
    keep: int,
) -> DiskNeed:
    """Return the bytes that a run writes.

    Args:
        utterances: sizes of the corpus.
        trials: number of trials, which need not be whole.
        epochs: epochs of all trials together.
        checkpoint: bytes of one checkpoint.
        concurrency: number of trials at once, at least 1.
        keep: number of models that are kept (``most_models``), each the weights alone.
    """
    labels = utterances.train * _LABELLED_TASKS * _BYTES_A_LABEL
    each = _BYTES_A_TRIAL + utterances.scored * _BYTES_A_PREDICTION
    at_once, kept = min(concurrency, math.ceil(trials)), min(keep, math.ceil(trials))
    models = kept * checkpoint * BYTES_A_WEIGHT // BYTES_A_TRAINED_WEIGHT
    return DiskNeed(
        checkpoints=CHECKPOINTS_A_TRIAL * checkpoint * at_once,
        results=round(trials * each + epochs * (_BYTES_AN_EPOCH + labels)) + models,
    )


def most_models(space: "Space", plan: Plan, *, at_once: int) -> int:
    """Return the most models that a run keeps at one time (``search.controller.kept_models``).

    The models of configurations that have not run over all of their seeds stay as well.
    """
    rules = space.checkpoints
    groups = [cell.group for cell in plan.cells if cell.runnable]
    best_cells = len(set(groups)) if rules.cells else 0
    if not plan.search_trials:
        best_cells += rules.keep
    models = _repeated(len(groups), best_cells, seeds=len(plan.seeds), at_once=at_once)
    top = min(plan.confirm_top, plan.search_trials)
    models += _repeated(top, rules.keep, seeds=len(plan.confirm_seeds), at_once=at_once)
    return models + min(rules.keep, plan.search_trials)


def _repeated(configurations: int, kept: int, *, seeds: int, at_once: int) -> int:
    """Return the largest number of models of configurations that run in turn over ``seeds``.

    Trials that run at once belong to as few configurations as possible; the first and the last of
    these may be incomplete.
    """
    if not kept or not seeds:
        return 0
    incomplete = math.ceil((at_once - 1) / seeds) + 1
    return min(configurations, kept + incomplete) * seeds


def free_bytes(folder: Place) -> int | None:
    """Return the free bytes where ``folder`` is or will be; None for a store: it has no limit."""
    if in_object_store(folder):
        return None
    place = Path(str(folder)).absolute()
    while not place.is_dir():
        place = place.parent
    return shutil.disk_usage(place).free


def check_disk(need: DiskNeed, folder: Place) -> None:
    """Refuse a run that would fill the disk of ``folder``.

    Raises:
        DiskError: less space is free than the run is expected to write.
    """
    free = free_bytes(folder)
    if free is not None and need.total > free:
        raise DiskError(
            f"the run would fill the disk: it is expected to write {size(need.total)} below "
            f"{folder} ({size(need.checkpoints)} of checkpoints, {size(need.results)} of "
            f"results), and {size(free)} are free there; free some space, name another folder "
            "with --runs, or lower search.trials, the epochs, "
            "checkpoints.keep, checkpoints.cells or --concurrency"
        )


def _encoder_checkpoint(space: "Space", corpora: "Collection[CorpusFolder]") -> int:
    """Return the bytes of the largest trained text encoder in a checkpoint; no model is built.

    Adapters (LoRA) and ``tiny`` are too small to count.
    """
    from sugrm.modules.encoder_files import TINY

    if all(corpus.has_text for corpus in corpora):  # no encoder runs
        return 0
    models = [use.config.model for use in texts_in_use(space)]
    texts = [model.text for model in models if Modality.TEXT in model.streams]
    trained = {text.name for text in texts if text.trains_weights} - {TINY}
    return max(map(_weights, trained), default=0) * BYTES_A_TRAINED_WEIGHT


def _weights(encoder: str) -> int:
    from sugrm.errors import EncoderError
    from sugrm.modules.encoder_outline import encoder_outline

    try:
        return encoder_outline(encoder).parameters
    except EncoderError:  # the trials that use it will fail with this error
        return 0


def size(count: float) -> str:
    """Return a number of bytes in words.

    >>> size(2_500_000), size(3.2 * 2**30)
    ('2.4 MiB', '3.2 GiB')
    """
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def check_room(
    space: "Space",
    work: "Collection[Work]",
    *,
    corpora: "Collection[CorpusFolder]",
    folder: Place,
    at_once: int,
) -> None:
    """Refuse a run that would fill the disk, as far as is known without measuring.

    A checkpoint counts as the largest text encoder that is trained, or as the largest checkpoint
    of trials that have ended; the other layers are small.

    Args:
        space: the space to run.
        work: what is left to compute.
        corpora: the corpora that the trials read.
        folder: folder of the run, which need not exist yet.
        at_once: number of trials at once, at least 1.

    Raises:
        DiskError: the run is expected to write more than is free.
    """
    known = trials_in(open_tables(folder)["trials"].read_all(["trainable_parameters"]))
    weights = max((trial.trainable_parameters or 0 for trial in known), default=0)
    need = disk_need(
        Utterances.of(corpora),
        trials=sum(each.trials for each in work),
        epochs=sum(each.likely_epochs for each in work),
        checkpoint=max(_encoder_checkpoint(space, corpora), weights * BYTES_A_TRAINED_WEIGHT),
        concurrency=at_once,
        keep=most_models(space, build_plan(space), at_once=at_once),
    )
    check_disk(need, folder)
