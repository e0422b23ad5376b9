"""What an epoch will cost, measured on two training batches.

A real fit over a sample of the corpus: two batches of the training split and the same share of
validation and test. The first epoch is not timed, for it pays for what is made once in a process.
"""

import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus
from sugrm.data.sample import sample
from sugrm.training.checkpoint import FILE_NAME
from sugrm.training.frozen_text import has_states, reads_states, text_states
from sugrm.training.run import TrainingRun
from sugrm.training.seeding import choose_device
from sugrm.types import Split

BATCHES = 2
"""Training batches of an epoch of the sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What was measured, scaled to the whole corpus.

    Attributes:
        epoch_seconds: of training and validation, as ``EpochRecord.seconds`` counts them.
        save_seconds: of writing the checkpoint after an epoch.
        trial_seconds: of building the model, and of scoring validation and test at the end.
        checkpoint_bytes: of one checkpoint file.
        device: that it was measured on.
        states_seconds: of computing the hidden states of a frozen text encoder, which one trial
            does for all; 0 where there are none to compute, or this machine has them.
    """

    epoch_seconds: float
    save_seconds: float
    trial_seconds: float
    checkpoint_bytes: int
    device: str
    states_seconds: float = 0.0


def probe(config: ExperimentConfig, corpus: Corpus) -> Probe:
    """Measure what a trial of ``config`` costs; torch's generators are left elsewhere.

    Raises:
        SugrmError: the experiment cannot be trained on this data, on this machine.
    """
    whole = len(corpus.splits[Split.TRAIN])
    share = min(1.0, BATCHES * config.training.batch_size / whole)
    sizes = {split: max(1, math.ceil(len(part) * share)) for split, part in corpus.splits.items()}
    with tempfile.TemporaryDirectory(prefix="sugrm-probe-") as place:
        folder = Path(place) / "checkpoint"
        small = sample(corpus, sizes, Path(place) / "corpus")
        TrainingRun(config, small, seed=0).run_epoch()  # pays for what is made once
        built = _Watch()
        run = TrainingRun(config, small, seed=0, checkpoint=folder)
        build_seconds = built.seconds
        worked = _Watch()
        record = run.run_epoch()
        save_seconds = max(0.0, worked.seconds - record.seconds)
        scored = _Watch()
        device = run.finish().device
        return Probe(
            epoch_seconds=record.seconds / share,
            save_seconds=save_seconds,
            trial_seconds=build_seconds + scored.seconds / share,
            checkpoint_bytes=(folder / FILE_NAME).stat().st_size,
            device=device,
            states_seconds=_states_seconds(config, corpus, small, share),
        )


def _states_seconds(config: ExperimentConfig, corpus: Corpus, small: Corpus, share: float) -> float:
    device = choose_device(config.training.device)
    if not reads_states(config, corpus) or has_states(config, corpus, device):
        return 0.0
    states = text_states(config, small, device)  # the sample's, which the run above has computed
    assert states is not None
    return sum(part.seconds for part in states.splits.values()) / share


class _Watch:
    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started
