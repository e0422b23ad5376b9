"""Make trials: from changes and a seed to the resolved experiment, its key and its task."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from search.option_values import Changes
from search.trials.corpora import CorpusFolder
from search.trials.keys import trial_key
from search.trials.plugin_copies import kept_copy
from search.trials.protocol import TrialTask
from search.trials.start.models import StartModels
from sugrm import NUMERICS, Corpus, ExperimentConfig, SugrmError
from sugrm.config.identity import identifying_json, pinned
from sugrm.config.registry import plugin_digests, sources_of
from sugrm.modules.encoder_fingerprint import encoder_fingerprint
from sugrm.training.frozen_text import states_key
from sugrm.types import LABEL_BOUND, Modality

if TYPE_CHECKING:
    from search.space import Space
    from sugrm.training.start.weights import StartFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTrial:
    """A trial before it runs.

    Attributes:
        key: the trial's key.
        config: the resolved experiment.
        seed: the trial's seed.
        data_fingerprint: the fingerprint of the corpus that the trial reads.
        encoder_fingerprint: the fingerprint of its text encoder's weights, "" without one.
        label_bound: the largest absolute label of its dataset.
        start: the weights that it starts from; None for initial ones.
    """

    key: str
    config: ExperimentConfig
    seed: int
    data_fingerprint: str
    encoder_fingerprint: str
    label_bound: float = LABEL_BOUND
    start: "StartFacts | None" = None

    def columns(self) -> dict[str, object]:
        """Return the trial's columns of ``reports.ledger.schema.TRIALS``."""
        return {
            "key": self.key,
            "seed": self.seed,
            "config": identifying_json(self.config),
            "alignment": self.config.alignment,
            "model": self.config.model.name,
            "data_fingerprint": self.data_fingerprint,
            "encoder_fingerprint": self.encoder_fingerprint,
            "start_fingerprint": None if self.start is None else self.start.digest,
            "numerics": NUMERICS,
            "monitor": self.config.training.monitor,
        }


class TrialFactory:
    """Resolve the trials of one space over its corpora.

    Args:
        space: the space.
        corpora: the converted corpus of each alignment that the plan reads.
        run: the run folder, which holds the checkpoints.

    Attributes:
        starts: finds the models that trials start from.
    """

    def __init__(self, space: "Space", corpora: Mapping[str, CorpusFolder], *, run: Place) -> None:
        self._space = space
        self._corpora = corpora
        self._run = run.absolute()
        self._keys: dict[tuple[str, int], str] = {}
        self.starts = StartModels(self._run)
        self._states_keys: dict[tuple[object, ...], str | None] = {}

    @property
    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of the corpus of each alignment."""
        return {alignment: corpus.fingerprint for alignment, corpus in self._corpora.items()}

    def trial(self, changes: Changes, seed: int) -> ResolvedTrial:
        """Return the trial of the fixed values with ``changes``.

        Raises:
            pydantic.ValidationError: the values are invalid together.
            SugrmError: the text encoder or the model that it starts from cannot be loaded.
        """
        config = self._space.experiment_of(changes)
        data, encoder = self._corpora[config.alignment].fingerprint, self._encoder(config)
        dataset = self._space.data.description
        start = self.starts.facts(config, seed)
        key = trial_key(
            pinned(config, None if start is None else start.digest),
            seed=seed,
            data_identity=dataset.data_identity(data),
            encoder_fingerprint=encoder,
            numerics=NUMERICS,
            plugins=plugin_digests(config),
        )
        return ResolvedTrial(
            key=key,
            config=config,
            seed=seed,
            data_fingerprint=data,
            encoder_fingerprint=encoder,
            label_bound=dataset.label_bound,
            start=start,
        )

    def _encoder(self, config: ExperimentConfig) -> str:
        """Return the fingerprint of the text encoder that a trial runs, "" without one."""
        text, corpus = config.model.text, self._corpora[config.alignment]
        if Modality.TEXT not in config.model.streams or corpus.has_text:
            return ""
        adapted = text.lora is not None
        return encoder_fingerprint(text.name, finetune=text.finetune, adapted=adapted)

    def key(self, changes: Changes, seed: int) -> str:
        """Return the key of ``trial(changes, seed)``; it is computed once.

        Raises:
            pydantic.ValidationError: the values are invalid together.
        """
        trial = json.dumps(changes, sort_keys=True), seed
        if trial not in self._keys:
            self._keys[trial] = self.trial(changes, seed).key
        return self._keys[trial]

    @property
    def checkpoints(self) -> Place:
        """Return the folder of the run's checkpoints, with one folder for each trial."""
        return self._run / "checkpoints"

    def corpus(self, trial: ResolvedTrial) -> Path:
        """Return the folder of the converted corpus that ``trial`` reads."""
        return self._corpora[trial.config.alignment].folder.absolute()

    def task(self, trial: ResolvedTrial) -> TrialTask:
        """Return the message that lets a worker compute ``trial``."""
        minutes = self._space.resources.timeout_minutes
        start = self.starts.copy(trial.config, trial.seed)
        return TrialTask(
            key=trial.key,
            config=trial.config.model_dump_json(),
            seed=trial.seed,
            corpus=str(self.corpus(trial)),
            data=self._space.data.model_dump_json(),
            checkpoint=str(self.checkpoints / trial.key),
            threads=self._space.resources.cpus,
            states_key=self._states_key(trial),
            timeout_seconds=None if minutes is None else minutes * 60,
            keeps_model=self._space.checkpoints.keeps_some,
            plugins=[asdict(kept_copy(each)) for each in sources_of(trial.config)],
            start=None if start is None else asdict(start),
        )

    def _states_key(self, trial: ResolvedTrial) -> str | None:
        """Return the key of a trial's cached text states, so that its worker loads no encoder."""
        model, alignment = trial.config.model, trial.config.alignment
        if model.text.finetune or model.READS_TOKENS:
            return None
        encoder = (trial.encoder_fingerprint, model.text, model.streams, model.pads_fully)
        start = "" if trial.start is None else (trial.start.digest, model.name)
        inputs = (*encoder, alignment, start, trial.config.start_from)
        if inputs not in self._states_keys:
            key, corpus = None, self._corpora[alignment]
            with contextlib.suppress(SugrmError):  # the worker gets the same error and reports it
                opened = Corpus.open(corpus.folder, corpus.dataset)
                key = states_key(trial.config, opened, start=trial.start)
            self._states_keys[inputs] = key
        return self._states_keys[inputs]
