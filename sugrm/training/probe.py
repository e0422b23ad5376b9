"""The cost of a trial, measured on two training batches.

A real fit runs on a sample of the corpus: two batches of the training split and the same share of
validation and test. It runs twice and the second time counts, because the first includes work that
is done once per process; where epochs are so long that this is negligible, it runs once.
"""

import math
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus
from sugrm.data.sample import sample
from sugrm.training.checkpoints.checkpoint import FILE_NAME
from sugrm.training.frozen_text import has_states, reads_states, text_states
from sugrm.training.run import TrainingRun
from sugrm.training.seeding import choose_device
from sugrm.types import Split

BATCHES = 2
"""Training batches of an epoch of the sample."""
_LONG_SECONDS = 5.0
"""Seconds of an epoch of the sample from which work done once per process is negligible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The measured cost of a trial, scaled to the whole corpus.

    Attributes:
        epoch_seconds: seconds of training and validation in an epoch, as ``EpochRecord.seconds``
            counts them.
        save_seconds: seconds of writing the checkpoint after an epoch.
        build_seconds: seconds of building the model.
        score_seconds: seconds of scoring validation and test at the end.
        checkpoint_bytes: size of one checkpoint file in bytes.
        device: the device of the measurement.
        states_seconds: seconds of computing the hidden states of a frozen text encoder, which one
            trial does for all; 0 where there are none to compute, or this machine has them.
    """

    epoch_seconds: float
    save_seconds: float
    build_seconds: float
    score_seconds: float
    checkpoint_bytes: int
    device: str
    states_seconds: float = 0.0


def probe(config: ExperimentConfig, corpus: Corpus) -> Probe:
    """Return the measured cost of a trial of ``config``; torch's generators are not restored.

    The weights that a trial starts from do not change its cost, so initial ones are measured.

    Raises:
        SugrmError: the experiment cannot be trained on this data, on this machine.
    """
    config = config.model_copy(update={"start_from": None})
    whole = len(corpus.splits[Split.TRAIN])
    share = min(1.0, BATCHES * config.training.batch_size / whole)
    sizes = {split: max(1, math.ceil(len(part) * share)) for split, part in corpus.splits.items()}
    with tempfile.TemporaryDirectory(prefix="sugrm-probe-") as place:
        small = sample(corpus, sizes, folder=Path(place) / "corpus")
        found = _fit(config, small, folder=Path(place) / "first")
        if found.epoch_seconds < _LONG_SECONDS:
            found = _fit(config, small, folder=Path(place) / "second")
        return replace(
            found,
            epoch_seconds=found.epoch_seconds / share,
            score_seconds=found.score_seconds / share,
            states_seconds=_states_seconds(config, corpus, small=small) / share,
        )


def _fit(config: ExperimentConfig, small: Corpus, *, folder: Path) -> Probe:
    """Measure an epoch of the sample; the model is built for every size of corpus alike."""
    started = time.perf_counter()
    run = TrainingRun(config, small, seed=0, checkpoint=folder)
    built = time.perf_counter()
    record = run.run_epoch()
    saved = time.perf_counter()
    device = run.finish().device
    return Probe(
        epoch_seconds=record.seconds,
        save_seconds=max(0.0, saved - built - record.seconds),
        build_seconds=built - started,
        score_seconds=time.perf_counter() - saved,
        checkpoint_bytes=(folder / FILE_NAME).stat().st_size,
        device=device,
    )


def _states_seconds(config: ExperimentConfig, corpus: Corpus, *, small: Corpus) -> float:
    device = choose_device(config.training.device)
    if not reads_states(config, corpus) or has_states(config, corpus, device=device):
        return 0.0
    states = text_states(config, small, device=device)  # the sample's, which the fit has computed
    assert states is not None
    return sum(part.seconds for part in states.splits.values())
