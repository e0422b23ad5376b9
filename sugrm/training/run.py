"""One fit, epoch by epoch: train, validate, keep the best, checkpoint, resume."""

import time
from pathlib import Path
from typing import Any

from torch import Tensor

from sugrm.argument_checks import checked_seed
from sugrm.config.experiment import ExperimentConfig
from sugrm.config.registry import plugin_digests
from sugrm.data import Corpus
from sugrm.errors import SugrmError
from sugrm.models import build_model
from sugrm.training.checkpoints.checkpoint import (
    Place,
    folder_of,
    load_checkpoint,
    save_checkpoint,
)
from sugrm.training.checkpoints.contract import contract_if_known
from sugrm.training.checkpoints.identity import difference, identity_of
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.training.checkpoints.trained import Trained, save_trained, trained_weights
from sugrm.training.evaluation import metrics_of, predict_split
from sugrm.training.experiment_checks import check_experiment
from sugrm.training.label_truth import truth_correlations
from sugrm.training.memory import peak_memory_mib, reset_peak
from sugrm.training.optimisation.precision import choose_precision
from sugrm.training.optimisation.stopping import Stopper
from sugrm.training.prediction_sample import sampled_rows
from sugrm.training.records import EpochRecord, FitResult, SplitPredictions
from sugrm.training.run_data import read_run_data
from sugrm.training.seeding import (
    choose_device,
    generator_state,
    restore_generator_state,
    seed_everything,
)
from sugrm.training.start.starting import begin_from, check_start, frozen_text_weights
from sugrm.training.start.weights import StartWeights
from sugrm.training.trainer import Trainer
from sugrm.types import Split, Task
from sugrm.version import NUMERICS


class TrainingRun:
    """A fit that can be stepped, stopped and resumed.

    The same config, corpus and seed give the same numbers on a CPU, whether the run is interrupted
    and resumed from its checkpoint or not. A frozen text encoder whose output alone is read is not
    part of the model: its hidden states come from the cache (``sugrm.training.frozen_text``).

    Args:
        config: the experiment.
        corpus: the data.
        seed: seed of weights, shuffling and dropout, from 0 to 2**32 - 1.
        checkpoint: folder or store of this run's checkpoint; a run found there is resumed. None
            keeps no checkpoint.
        states_key: key of the hidden states that the run reads, where the caller knows it; None
            computes it, for which the encoder is loaded once per process.
        start: the weights of the trained model that ``config.start_from`` names
            (``sugrm.load_start_weights``); None where it names none. A checkpoint comes before
            them.

    Attributes:
        config: the experiment.
        seed: the seed.
        checkpoint: where the checkpoint is kept; None keeps none.
        device: the device that the run trains on.
        precision: the number format that it computes in.
        data: the batches of each split.
        model: the model; at its best epoch after ``finish``.
        trainer: what trains the model for one epoch.
        started_from: what the run started from; None for initial weights.

    Raises:
        SugrmError: an argument cannot be used, two of them do not fit together, the checkpoint
            belongs to another experiment, or the device is missing.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        corpus: Corpus,
        *,
        seed: int,
        checkpoint: Place | None = None,
        states_key: str | None = None,
        start: StartWeights | None = None,
    ) -> None:
        check_experiment(config, corpus)
        check_start(config, start)
        self.config, self.seed, self._corpus = config, checked_seed(seed), corpus
        self.checkpoint = None if checkpoint is None else folder_of(checkpoint)
        self.device = choose_device(config.training.device)
        self.precision = choose_precision(config.training.precision, self.device)
        self.data = read_run_data(
            config, corpus, device=self.device, states_key=states_key, start=start
        )
        texts = None if self.data.states is None else self.data.states.key
        data = corpus.dataset.data_identity(corpus.fingerprint)
        digest = None if start is None else start.facts.digest
        self._identity = identity_of(config, self.seed, data=data, texts=texts, start=digest)
        seed_everything(self.seed)
        self._peak_is_known = reset_peak(self.device)
        self.model = build_model(config, **self.data.sizes)
        self.started_from: StartedFrom | None = None
        self._text_weights: dict[str, Tensor] | None = None
        if start is not None:
            has_states = self.data.states is not None
            self.started_from = begin_from(self.model, start, config=config, has_states=has_states)
            self._text_weights = frozen_text_weights(config, start) if has_states else None
        self.model.to(self.device)
        self.trainer = Trainer(
            self.model,
            self.data.feeds[Split.TRAIN],
            config=config,
            device=self.device,
            precision=self.precision,
            seed=self.seed,
        )
        self._stopper = Stopper(monitor=config.training.monitor, patience=config.training.patience)
        self._best_weights: dict[str, Tensor] = {}
        self._history: list[EpochRecord] = []
        self._generators = generator_state(self.device)
        if isinstance(self.checkpoint, Path):
            self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        saved = None if self.checkpoint is None else load_checkpoint(self.checkpoint)
        if saved is not None:
            self._restore(saved)

    @property
    def history(self) -> tuple[EpochRecord, ...]:
        """The epochs done so far, those before a resume included."""
        return tuple(self._history)

    @property
    def finished(self) -> bool:
        """Whether ``max_epochs`` or the patience is reached."""
        epoch = len(self._history)
        return epoch >= self.config.training.max_epochs or (
            epoch > 0 and self._stopper.exhausted(epoch)
        )

    def run_epoch(self) -> EpochRecord:
        """Train one epoch, validate, and write the checkpoint where a folder was given.

        Raises:
            NonFiniteLossError: the training loss became NaN or infinite.
        """
        restore_generator_state(self._generators, self.device)  # other code may have drawn since
        record = self._train_and_validate(len(self._history) + 1)
        self._generators = generator_state(self.device)
        self._history.append(record)
        self._stopper = self._stopper.after(record.epoch, record.valid[self._stopper.metric])
        if self._stopper.best_epoch == record.epoch:
            self._best_weights = {
                name: weight.to("cpu", copy=True)
                for name, weight in trained_weights(self.model).items()
            }
        if self.checkpoint is not None:
            save_checkpoint(self.checkpoint, self._state())
        return record

    def _train_and_validate(self, epoch: int) -> EpochRecord:
        started = time.perf_counter()
        train_loss = self.trainer.train_epoch(epoch)
        valid = self._metrics(self._score(Split.VALID)[0])
        objective, utterances = self.trainer.objective, self.data.feeds[Split.TRAIN].utterances
        labels = objective.labels()
        human = dict.fromkeys(labels, utterances.labels)
        return EpochRecord(
            epoch=epoch,
            seconds=time.perf_counter() - started,
            train_loss=train_loss,
            valid=valid,
            counters=objective.take_counters(),
            labels=labels,
            label_truth=truth_correlations(labels, utterances),
            human_truth=truth_correlations(human, utterances),
        )

    def finish(self) -> FitResult:
        """Restore the best epoch and score validation and test there, test for the only time.

        Raises:
            SugrmError: no epoch has been trained.
        """
        if not self._history:
            raise SugrmError("no epoch has been trained; call run_epoch before finish")
        self.model.load_state_dict(self._best_weights, strict=False)
        self.model.eval()
        valid, _ = self._score(Split.VALID)
        test, inference_seconds = self._score(Split.TEST)
        total = sum(record.seconds for record in self._history)
        trainable = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
        parameters = sum(p.numel() for p in self.model.parameters())
        states = self.data.states
        if states is not None:  # as if the frozen encoder were inside
            parameters += states.parameters
            inference_seconds += states.splits[Split.TEST].seconds
        return FitResult(
            model=self.model,
            epochs=len(self._history),
            best_epoch=self._stopper.best_epoch,
            monitor=self.config.training.monitor,
            valid=self._metrics(valid),
            test=self._metrics(test),
            predictions={"valid": valid, "test": test},
            parameters=parameters,
            trainable_parameters=trainable,
            seconds=total,
            seconds_per_epoch=total / len(self._history),
            inference_seconds=inference_seconds,
            peak_memory_mib=peak_memory_mib(self.device) if self._peak_is_known else None,
            device=str(self.device),
            precision=self.precision,
        )

    def predict_sample(self) -> SplitPredictions:
        """Return the model's predictions for a few training utterances; call it after ``finish``.

        Generated labels exist for the training split only; these predictions are shown next to
        them. Every trial on a corpus keeps the same utterances: those of the paper's Table 5 where
        the corpus has them, the others spread over the human label.
        """
        feed = self.data.feeds[Split.TRAIN]
        rows = sampled_rows(feed.utterances.ids, feed.utterances.labels)
        return predict_split(self.model, feed, training=self.config.training, rows=rows)

    def save_trained(self, folder: Place) -> None:
        """Write the present model to ``best.pt``; after ``finish`` it is that of the best epoch.

        Args:
            folder: the folder or the store to write to.
        """
        save_trained(
            folder,
            Trained(
                model=self.model,
                config=self.config,
                seed=self.seed,
                sizes=self.data.sizes,
                numerics=NUMERICS,
                contract=contract_if_known(self.config, self._corpus),
                plugins=plugin_digests(self.config),
                start=self.started_from,
                text_weights=self._text_weights,
            ),
        )

    def _score(self, split: Split) -> tuple[SplitPredictions, float]:
        """Return the predictions for a split and the seconds that they took."""
        started = time.perf_counter()
        found = predict_split(self.model, self.data.feeds[split], training=self.config.training)
        return found, time.perf_counter() - started

    def _metrics(self, found: SplitPredictions) -> dict[str, float]:
        return metrics_of(
            found.predictions[Task.MULTIMODAL],
            found.labels,
            config=self.config,
            metrics=self.data.metrics,
        )

    def _state(self) -> dict[str, Any]:
        return {
            "identity": self._identity,
            "model": trained_weights(self.model),
            "best_weights": self._best_weights,
            **self.trainer.state_dict(),
            "generators": self._generators,
            "stopper": {
                "best_epoch": self._stopper.best_epoch,
                "best_value": self._stopper.best_value,
            },
            "history": [record.to_state() for record in self._history],
        }

    def _restore(self, saved: dict[str, Any]) -> None:
        identity = str(saved.get("identity", ""))
        if identity != self._identity:
            raise SugrmError(
                f"the checkpoint in {self.checkpoint} belongs to another experiment: "
                f"{difference(identity, self._identity)}; expected that of this fit. Use another "
                "folder"
            )
        self.model.load_state_dict(saved["model"], strict=False)
        self._best_weights = saved["best_weights"]
        self.trainer.load_state_dict(saved)
        self._stopper = Stopper(
            monitor=self._stopper.monitor, patience=self._stopper.patience, **saved["stopper"]
        )
        self._history = [EpochRecord.from_state(state) for state in saved["history"]]
        self._generators = saved["generators"]
