"""Measuring what a trial costs, under the load that it will have in the run."""

import bdb
from collections.abc import Callable
from dataclasses import dataclass, field
from tempfile import gettempdir
from typing import TYPE_CHECKING

from search.estimate.disk import DiskError
from search.estimate.groups import CostGroup
from search.estimate.neighbours import busy_neighbours
from search.estimate.trial_costs import Cost, probe_cost
from search.estimate.work import Work
from search.trials.corpora import CorpusFolder
from search.trials.protocol import CRASH, NAN
from search.trials.storage_failure import ends_the_run
from search.worker.failure import failure_of, plugin_line
from sugrm import SugrmError
from sugrm.errors import EncoderError, NonFiniteLossError, PluginError

if TYPE_CHECKING:
    from sugrm import ExperimentConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Measures trials under the load of a run, one by one.

    A text encoder that cannot be loaded is tried once, and each reason is reported once.

    Attributes:
        cpus: CPUs of a trial of the run, at least 1.
        gpus: GPUs of a trial, 0 to 1; with 0 no trial is measured on a GPU.
        beside: trials that run at the same time, at least 0; without a GPU their CPUs are kept
            busy while one trial is measured.
        listen: called with a line before each measurement and for each group that is left out.
        reasons: reason -> title of the first trial that was left out for it.
        missing: name of a text encoder -> why it cannot be loaded.
        failing: groups whose trials will probably fail in the run as they did here.
    """

    cpus: int
    gpus: float
    beside: int
    listen: Callable[[str], None]
    reasons: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failing: set[CostGroup] = field(default_factory=set)

    def measure(self, work: Work, corpus: CorpusFolder) -> Cost | None:
        """Return the cost of a trial of ``work``; None where it cannot be trained here.

        Raises:
            DiskError: the folder of temporary files is full.
        """
        if work.group.text in self.missing:
            self._leave_out(work.group.title, self.missing[work.group.text])
            return None
        self.listen(f"measuring two batches: {work.group.title}")
        others = 0 if self.gpus else self.beside * self.cpus
        config = work.config if self.gpus else _without_gpu(work.config)
        try:
            with busy_neighbours(others):
                return _measure(self.cpus, config, corpus=corpus)
        except bdb.BdbQuit as error:  # the user left the debugger at a breakpoint of an own model
            raise KeyboardInterrupt from error
        except Exception as error:
            if ends_the_run(error):
                raise _disk_full(error) from error
            is_expected = isinstance(error, SugrmError | RuntimeError | MemoryError)
            if not is_expected and not plugin_line(error):
                raise
            if isinstance(error, EncoderError):
                self.missing[work.group.text] = str(error)
            if _will_recur(error):
                self.failing.add(work.group)
                self._warn(work.group.title, failure_of(error).message)
            else:
                self._leave_out(work.group.title, _reason(error))
            return None

    def _leave_out(self, title: str, reason: str) -> None:
        self.listen(f"left out of the estimate: {title}: {self._why(title, reason)}")

    def _warn(self, title: str, reason: str) -> None:
        why = self._why(title, reason)
        self.listen(f"warning: {title}: {why}; its trials will probably fail too")

    def _why(self, title: str, reason: str) -> str:
        """Return the reason where it is new, else the title that was left out for it first."""
        first = self.reasons.setdefault(reason, title)
        return reason if first == title else f"for the same reason as {first}"


def _will_recur(error: Exception) -> bool:
    """Return whether the trials of a run will probably fail as the measurement did.

    Too little memory, and the package's other errors (no such device, no text encoder), are of this
    machine or its files: the run handles them itself, and a cluster may have what is missing here.
    """
    is_of_the_trial = isinstance(error, PluginError | NonFiniteLossError)
    if isinstance(error, SugrmError) and not is_of_the_trial:
        return False
    return failure_of(error).kind in (CRASH, NAN)


def _reason(error: Exception) -> str:
    """Return all lines of the package's own error, the first one of another after its type."""
    return str(error) if isinstance(error, SugrmError) else failure_of(error).message


def _disk_full(error: Exception) -> DiskError:
    return DiskError(
        f"{gettempdir()} takes no more data ({error}), which measuring needs; expected free space "
        "for the checkpoints of one trial; free some, or name another folder with TMPDIR"
    )


def _without_gpu(config: "ExperimentConfig") -> "ExperimentConfig":
    """Return the experiment with the device that ``auto`` means where GPUs are hidden."""
    if config.training.device != "auto":
        return config
    training = config.training.model_copy(update={"device": "cpu"})
    return config.model_copy(update={"training": training})


def _measure(threads: int, config: "ExperimentConfig", *, corpus: CorpusFolder) -> Cost:
    import torch

    from sugrm import Corpus
    from sugrm.training.probe import probe

    torch.set_num_threads(threads)  # as a worker has it
    return probe_cost(probe(config, Corpus.open(corpus.folder, corpus.dataset)))
