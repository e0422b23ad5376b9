"""One fit, epoch by epoch: train, validate, keep the best, checkpoint, resume."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sugrm.checks import checked_seed
from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus
from sugrm.errors import NonFiniteLossError, SugrmError
from sugrm.models import build_model
from sugrm.objectives import MultitaskObjective, build_objective
from sugrm.training.checkpoints.checkpoint import (
    BEST_FILE_NAME,
    Place,
    folder_of,
    load_checkpoint,
    save_checkpoint,
)
from sugrm.training.checkpoints.identity import difference, identity_of
from sugrm.training.checks import check_experiment
from sugrm.training.evaluation import metrics_of, predict_split
from sugrm.training.feed import build_feed
from sugrm.training.frozen_text import text_states
from sugrm.training.kept import kept_rows
from sugrm.training.label_truth import truth_correlations
from sugrm.training.memory import peak_memory_mib, reset_peak
from sugrm.training.optimisation.optimiser import build_optimiser
from sugrm.training.optimisation.precision import (
    autocast,
    choose_precision,
    gradient_scaler,
    never_steps,
)
from sugrm.training.optimisation.schedule import build_schedule
from sugrm.training.optimisation.stopping import Stopper
from sugrm.training.records import EpochRecord, FitResult, SplitPredictions
from sugrm.training.seeding import (
    choose_device,
    generator_state,
    restore_generator_state,
    seed_everything,
)
from sugrm.types import Batch, Split, Task
from sugrm.version import NUMERICS


class TrainingRun:
    """A fit that can be stepped, stopped and resumed.

    The same config, corpus and seed give the same numbers on a CPU, whether the run is broken off
    and resumed from its checkpoint or not. A frozen text encoder that stands alone is no part of
    the model: its hidden states are read from the cache (``sugrm.training.frozen_text``).

    Args:
        config: the experiment.
        corpus: the data.
        seed: of weights, shuffling and dropout; 0 to 2**32 - 1.
        checkpoint: folder of this run's checkpoint, or what keeps it; a run found there is resumed.
        states_key: of the hidden states that the run reads, where the caller knows it; else it
            is found out, for which the encoder is loaded once a process.

    Raises:
        SugrmError: an argument cannot be used or they do not go together, the checkpoint belongs
            to another experiment, or the device is missing.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        corpus: Corpus,
        *,
        seed: int,
        checkpoint: Place | None = None,
        states_key: str | None = None,
    ) -> None:
        check_experiment(config, corpus)
        self.config, self.seed = config, checked_seed(seed)
        self.checkpoint = None if checkpoint is None else folder_of(checkpoint)
        self.device = choose_device(config.training.device)
        self.precision = choose_precision(config.training.precision, self.device)
        self._states = text_states(config, corpus, self.device, key=states_key)
        texts = None if self._states is None else self._states.key
        self._identity = identity_of(config, self.seed, corpus.fingerprint, texts)
        self._feeds = {split: build_feed(config, corpus, split, self._states) for split in Split}
        seed_everything(self.seed)
        self._peak_is_known = reset_peak(self.device)
        self._inputs: dict[str, Any] = {
            "audio_width": corpus.audio_width,
            "vision_width": corpus.vision_width,
            "text_width": self._states.width if self._states else corpus.text_width,
            "text_steps": max(feed.text_steps for feed in self._feeds.values()),
        }
        self.model = build_model(config, **self._inputs).to(self.device)
        self._optimiser = build_optimiser(self.model, config.training)
        self._schedule = build_schedule(
            self._optimiser, config.training, utterances=len(self._feeds[Split.TRAIN])
        )
        self._scaler = gradient_scaler(self.device, self.precision)
        self._shuffler = torch.Generator().manual_seed(self.seed)
        self._objective = self._begin_objective()
        self._stopper = Stopper(config.training.monitor, config.training.patience)
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
        started = time.perf_counter()
        restore_generator_state(self._generators, self.device)  # whatever was drawn in between
        epoch = len(self._history) + 1
        train_loss = self._train_epoch(epoch)
        valid = self._metrics(self._score(Split.VALID)[0])
        labels, utterances = self._objective.labels(), self._feeds[Split.TRAIN].utterances
        human = dict.fromkeys(labels, utterances.labels)
        record = EpochRecord(
            epoch=epoch,
            seconds=time.perf_counter() - started,
            train_loss=train_loss,
            valid=valid,
            counters=self._objective.epoch_counters(),
            labels=labels,
            label_truth=truth_correlations(labels, utterances),
            human_truth=truth_correlations(human, utterances),
        )
        self._generators = generator_state(self.device)
        self._history.append(record)
        self._stopper = self._stopper.seen(epoch, valid[self._stopper.metric])
        if self._stopper.best_epoch == epoch:
            self._best_weights = {
                name: weight.to("cpu", copy=True) for name, weight in self._trained_state().items()
            }
        if self.checkpoint is not None:
            save_checkpoint(self.checkpoint, self._state())
        return record

    def finish(self) -> FitResult:
        """Restore the best epoch and score validation and test there, test for the only time."""
        if not self._history:
            raise SugrmError("no epoch has been trained; call run_epoch before finish")
        self.model.load_state_dict(self._best_weights, strict=False)
        self.model.eval()
        valid, _ = self._score(Split.VALID)
        test, inference_seconds = self._score(Split.TEST)
        total = sum(record.seconds for record in self._history)
        trainable = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
        parameters = sum(p.numel() for p in self.model.parameters())
        if self._states is not None:  # as if the frozen encoder were inside
            parameters += self._states.parameters
            inference_seconds += self._states.splits[Split.TEST].seconds
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

        Generated labels exist for the training split alone; these predictions stand beside them.
        The utterances are the same ones for every trial on a corpus: those of the paper's Table 5
        where the corpus has them, the others spread over the human label.
        """
        feed = self._feeds[Split.TRAIN]
        rows = kept_rows(feed.utterances.ids, feed.utterances.labels)
        return predict_split(self.model, feed, self.config.training, rows)

    def save_trained(self, folder: Place) -> None:
        """Write the model as it is, after ``finish`` that of the best epoch, to ``best.pt``."""
        state = {
            "config": self.config.model_dump_json(),
            "seed": self.seed,
            "numerics": NUMERICS,
            "inputs": self._inputs,
            "model": {name: weight.cpu() for name, weight in self._trained_state().items()},
        }
        target = folder_of(folder)
        if isinstance(target, Path):
            target.parent.mkdir(parents=True, exist_ok=True)
        save_checkpoint(target, state, BEST_FILE_NAME)

    def _begin_objective(self) -> MultitaskObjective:
        training = self.config.training
        objective = build_objective(self.config.objective, batch_size=training.batch_size)
        labels = torch.from_numpy(np.array(self._feeds[Split.TRAIN].utterances.labels))
        # The released trainer shuffles once more, for the first pass that fills in the labels.
        objective.begin(labels, self._shuffled(), self.device)
        return objective

    def _shuffled(self) -> Tensor:
        return torch.randperm(len(self._feeds[Split.TRAIN]), generator=self._shuffler)

    def _train_epoch(self, epoch: int) -> float:
        training = self.config.training
        order = self._shuffled().tolist()
        batches = [
            order[i : i + training.batch_size] for i in range(0, len(order), training.batch_size)
        ]
        self.model.train()
        total = torch.zeros((), device=self.device)
        for number, rows in enumerate(batches, start=1):
            if (number - 1) % training.accumulation == 0:
                self._optimiser.zero_grad(set_to_none=True)
            batch = self._feeds[Split.TRAIN].batch(rows).to(str(self.device))
            total += self.train_batch(batch, epoch)
            full = number % training.accumulation == 0
            if full or (number == len(batches) and training.incomplete_group == "step"):
                self._step()
        mean = float(total) / len(batches)  # the epoch's only wait for the device
        if not np.isfinite(mean):
            raise NonFiniteLossError(
                f"the training loss of epoch {epoch} is {mean}; expected a finite number. Lower "
                "the learning rates or set training.gradient_clip"
            )
        if never_steps(self._scaler):
            raise NonFiniteLossError(
                f"the gradients of epoch {epoch} overflow float16 at every scale of the loss, so "
                "no step is made; expected finite ones. Set training.precision to float32"
            )
        return mean

    def train_batch(self, batch: Batch, epoch: int) -> Tensor:
        """Add the gradients of one batch, update the label state, return the loss (no sync)."""
        with autocast(self.device, self.precision):
            output = self.model(batch)
        loss = self._objective.loss(output, batch)
        torch.autograd.backward(self._scaler.scale(loss))
        self._objective.after_backward(output, batch, epoch)
        return loss.detach()

    def _step(self) -> None:
        clip = self.config.training.gradient_clip
        if clip is not None:
            self._scaler.unscale_(self._optimiser)
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), clip, foreach=True)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._schedule.step()

    def _score(self, split: Split) -> tuple[SplitPredictions, float]:
        """Return the predictions for a split and the seconds that they took."""
        started = time.perf_counter()
        found = predict_split(self.model, self._feeds[split], self.config.training)
        return found, time.perf_counter() - started

    def _metrics(self, found: SplitPredictions) -> dict[str, float]:
        return metrics_of(found.predictions[Task.MULTIMODAL], found.labels, self.config)

    def _trained_state(self) -> dict[str, Tensor]:
        """Return weights and buffers but those of frozen parameters, which never change."""
        frozen = {name for name, p in self.model.named_parameters() if not p.requires_grad}
        return {k: v for k, v in self.model.state_dict().items() if k not in frozen}

    def _state(self) -> dict[str, Any]:
        return {
            "identity": self._identity,
            "model": self._trained_state(),
            "best_weights": self._best_weights,
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "scaler": self._scaler.state_dict(),
            "objective": self._objective.state_dict(),
            "shuffler": self._shuffler.get_state(),
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
        self._optimiser.load_state_dict(saved["optimiser"])
        self._schedule.load_state_dict(saved["schedule"])
        if saved.get("scaler"):  # empty but in float16
            self._scaler.load_state_dict(saved["scaler"])
        self._objective.load_state_dict(saved["objective"])
        self._shuffler.set_state(saved["shuffler"])
        self._stopper = Stopper(self._stopper.monitor, self._stopper.patience, **saved["stopper"])
        self._history = [EpochRecord.from_state(state) for state in saved["history"]]
        self._generators = saved["generators"]
