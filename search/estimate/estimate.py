"""The estimate of a run: what is left to compute, and what that costs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field, replace
from operator import eq
from tempfile import gettempdir
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from reports.ledger.trials import Trial, trials_in
from search.estimate.disk import DiskError, DiskNeed, Utterances, disk_need, free_bytes, most_models
from search.estimate.neighbours import busy_neighbours
from search.estimate.remaining import left_to_compute
from search.estimate.slots import local_slots, local_use
from search.estimate.trial_costs import LEDGER_COLUMNS, Cost, CostKey, ledger_costs, probe_cost
from search.estimate.work import Work
from search.ledger.ledger import open_tables
from search.status.run_status import run_names
from search.trials.corpora import CorpusFolder
from search.trials.storage_failure import ends_the_run
from sugrm import SugrmError
from sugrm.errors import EncoderError

if TYPE_CHECKING:
    from search.space import Space
    from sugrm import ExperimentConfig

START_SECONDS = 15.0
"""Until Ray and the first workers are at work."""
PROBING_SECONDS = 60.0
"""After which only systems, alignments and text encoders that are new are measured."""
_AS = "as "


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run has still to do and what it takes, on this machine.

    Attributes:
        work: trials of one phase and one cost each.
        costs: of each of ``work``.
        concurrency: trials at once.
        gpus: of one trial.
        gpu_use: the same in words, with its reason.
        disk: what is written at most.
        likely_disk: what is expected to be written.
        free: bytes where the run folder is, None without a limit.
        unmeasured: what the run has still to compute and that could not be measured here.
        warnings: what the run would warn of.
        limits: what the budget leaves of the work, in words.
        starts: the budget lets the run start a trial.
    """

    work: tuple[Work, ...]
    costs: tuple[Cost, ...]
    concurrency: int
    gpus: float
    disk: DiskNeed
    likely_disk: DiskNeed
    free: int | None
    unmeasured: tuple[Work, ...] = ()
    warnings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    starts: bool = True
    gpu_use: str = ""

    @property
    def trials(self) -> int:
        """Return the most trials that are left and have a cost."""
        return round(sum(each.trials for each in self.work))

    @property
    def left_out(self) -> int:
        """Return the most trials that are left and could not be measured here."""
        return round(sum(each.trials for each in self.unmeasured))

    @property
    def most_epochs(self) -> int:
        """Return the epochs where no trial stops early."""
        return round(sum(each.most_epochs for each in self.work))

    @property
    def likely_epochs(self) -> int:
        """Return the epochs that the search's scheduler is expected to leave."""
        return round(sum(each.likely_epochs for each in self.work))

    def trial_seconds(self, *, most: bool = False) -> float:
        """Return the time that the trials take one after the other."""
        once = {each.group.text: cost.once_seconds for each, cost in self._pairs()}
        return sum(once.values()) + sum(
            each.trials * cost.trial_seconds
            + (each.most_epochs if most else each.likely_epochs) * cost.epoch_seconds
            for each, cost in self._pairs()
        )

    def seconds(self, *, most: bool = False) -> float:
        """Return the time of the run; 0 where nothing is left.

        At its end the trials beside the last one have ended: on average half a long trial runs so.
        """
        if not self.trials:
            return 0.0
        at_once = max(1, min(self.concurrency, self.trials))
        longest = max(
            cost.trial_seconds + each.most_epochs / each.trials * cost.epoch_seconds
            for each, cost in self._pairs()
        )
        tail = (1 - 1 / at_once) * longest / 2
        return START_SECONDS + self.trial_seconds(most=most) / at_once + tail

    def gpu_hours(self, *, most: bool = False) -> float:
        """Return the hours for which GPUs, or shares of them, are taken."""
        return self.gpus * self.trial_seconds(most=most) / 3600

    def _pairs(self) -> list[tuple[Work, Cost]]:
        return list(zip(self.work, self.costs, strict=True))


def estimate_run(
    space: "Space",
    *,
    runs: Place,
    concurrency: int | None = None,
    listen: Callable[[str], None] = lambda line: None,
) -> Estimate:
    """Estimate what ``run_search`` would do now; nothing is written below ``runs``.

    Args:
        space: what would run.
        runs: folder of the runs, or a place of an object store; times are read from the ledgers
            there, where such trials ended.
        concurrency: most trials at once.
        listen: hears of each measurement before it starts, and of what the run would warn of.

    Raises:
        SearchError, SugrmError: as ``run_search``, before it starts.
    """
    left = left_to_compute(space, runs)
    checked, remaining = left.checked, left.remaining
    plan, folder = checked.plan, checked.folder
    corpora = checked.corpora
    for line in checked.warnings:
        listen(f"warning: {line}")
    recorded = {name: _trials(runs / name) for name in run_names(runs)}
    known = ledger_costs(trial for each in recorded.values() for trial in each)
    at_once, use = local_slots(space, concurrency), local_use(space)
    beside = max(0, min(at_once, remaining.count) - 1)
    work, costs = _costed(
        list(left.work), corpora, known, _Measure(space.resources.cpus, use.gpus, beside, listen)
    )
    trials = sum(each.trials for each in work)
    checkpoint = max((cost.checkpoint_bytes for cost in costs), default=0)
    most, likely = (
        disk_need(
            Utterances.of(corpora.values()),
            trials=trials,
            epochs=sum(epochs),
            checkpoint=checkpoint,
            concurrency=at_once,
            keep=most_models(space, plan, at_once),
        )
        for epochs in (
            [each.most_epochs for each in work],
            [each.likely_epochs for each in work],
        )
    )
    return Estimate(
        work=tuple(work),
        costs=tuple(costs),
        concurrency=at_once,
        gpus=use.gpus,
        gpu_use=str(use),
        disk=most,
        likely_disk=likely,
        free=free_bytes(folder),
        unmeasured=tuple(each for each in left.work if each not in work),
        warnings=remaining.warnings,
        limits=left.limits,
        starts=remaining.spent is None,
    )


def _trials(run: Place) -> list[Trial]:
    return list(trials_in(open_tables(run)["trials"].read_all(LEDGER_COLUMNS)))


def _costed(
    work: list[Work],
    corpora: Mapping[str, CorpusFolder],
    known: Mapping[CostKey, Cost],
    measure: "_Measure",
) -> tuple[list[Work], list[Cost]]:
    """Return the work with its costs: from the ledgers, or measured once a group.

    Once measuring has taken its time, a group takes the cost of one that differs in little.
    Trials that cannot be trained here are listen and left out: the run will try them.
    """
    found: dict[CostKey, Cost | None] = dict(known)
    patience = time.monotonic() + PROBING_SECONDS
    for each in work:
        key = _key(each, corpora)
        alike = _alike(key, found) if time.monotonic() > patience else None
        if key not in found:
            found[key] = alike or measure(each, corpora[each.config.alignment])
    pairs = [(each, found[_key(each, corpora)]) for each in work]
    costed = [(each, cost) for each, cost in pairs if cost is not None]
    return [each for each, _ in costed], [cost for _, cost in costed]


def _alike(wanted: CostKey, found: Mapping[CostKey, Cost | None]) -> Cost | None:
    """Return the cost of the group that has the most in common with ``wanted``, if it is alike."""
    candidates = {
        key.group: cost
        for key, cost in found.items()
        if cost is not None
        and not cost.source.startswith(_AS)
        and key.data_fingerprint == wanted.data_fingerprint
        and key.group.kind == wanted.group.kind
    }
    if not candidates:
        return None
    own = astuple(wanted.group)
    nearest = max(candidates, key=lambda group: sum(map(eq, astuple(group), own)))
    return replace(candidates[nearest], source=f"{_AS}{nearest.title}")


@dataclass(frozen=True, slots=True)
class _Measure:
    """Probes of trials, under the load of as many ``beside`` them as the run will have.

    A trial of the run has ``cpus`` and ``gpus``; without a GPU none is measured on one. An encoder
    that cannot be loaded is tried once, and a reason is listen once.
    """

    cpus: int
    gpus: float
    beside: int
    listen: Callable[[str], None]
    reasons: dict[str, str] = field(default_factory=dict)  # -> the first trials that it left out
    missing: dict[str, str] = field(default_factory=dict)  # text encoder -> why it cannot be loaded

    def __call__(self, work: Work, corpus: CorpusFolder) -> Cost | None:
        if work.group.text in self.missing:
            self._leave_out(work.group.title, self.missing[work.group.text])
            return None
        self.listen(f"measuring two batches: {work.group.title}")
        others = 0 if self.gpus else self.beside * self.cpus
        config = work.config if self.gpus else _without_gpu(work.config)
        try:
            with busy_neighbours(others):
                return _measure(self.cpus, config, corpus)
        except Exception as error:
            if ends_the_run(error):
                raise DiskError(
                    f"{gettempdir()} takes no more data ({error}), which measuring needs; expected "
                    "free space for the checkpoints of one trial; free some, or name another "
                    "folder with TMPDIR"
                ) from error
            if not isinstance(error, SugrmError | RuntimeError | MemoryError):
                raise
            if isinstance(error, EncoderError):
                self.missing[work.group.text] = str(error)
            self._leave_out(work.group.title, str(error))
            return None

    def _leave_out(self, title: str, reason: str) -> None:
        first = self.reasons.setdefault(reason, title)
        why = reason if first == title else f"for the same reason as {first}"
        self.listen(f"left out of the estimate: {title}: {why}")


def _key(work: Work, corpora: Mapping[str, CorpusFolder]) -> CostKey:
    return CostKey(work.group, corpora[work.config.alignment].fingerprint)


def _without_gpu(config: "ExperimentConfig") -> "ExperimentConfig":
    """Return the experiment on the device that ``auto`` means where GPUs are hidden."""
    if config.training.device != "auto":
        return config
    training = config.training.model_copy(update={"device": "cpu"})
    return config.model_copy(update={"training": training})


def _measure(threads: int, config: "ExperimentConfig", corpus: CorpusFolder) -> Cost:
    import torch

    from sugrm import Corpus
    from sugrm.training.probe import probe

    torch.set_num_threads(threads)  # as a worker has it
    return probe_cost(probe(config, Corpus.open(corpus.folder)))
