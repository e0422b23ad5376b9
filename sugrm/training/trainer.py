"""Training of one epoch: loss, gradients, label updates and steps of the optimiser."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import NonFiniteLossError
from sugrm.objectives import MultitaskObjective, build_objective
from sugrm.objectives.output_checks import check_output
from sugrm.training.batching.drawing import draw_batches
from sugrm.training.feed import Feed
from sugrm.training.optimisation.optimiser import build_optimiser
from sugrm.training.optimisation.precision import autocast, gradient_scaler, never_steps
from sugrm.training.optimisation.schedule import build_schedule
from sugrm.types import Batch


class Trainer:
    """Trains a model on the training split, one epoch at a time.

    Args:
        model: the model to train, on ``device``.
        feed: the batches of the training split.
        config: the experiment.
        device: the device to train on.
        precision: the number format to compute in: ``float32``, ``bfloat16`` or ``float16``.
        seed: seed of the shuffling.

    Attributes:
        objective: the loss, and the labels of the unimodal tasks.
        optimiser: the optimiser of the model's trainable weights.
        schedule: the learning rates over the fit.
        scaler: the scale of the loss, which only ``float16`` uses.
    """

    def __init__(
        self,
        model: nn.Module,
        feed: Feed,
        *,
        config: ExperimentConfig,
        device: torch.device,
        precision: str,
        seed: int,
    ) -> None:
        self._model, self._feed, self._config = model, feed, config.training
        self._name = config.model.name
        self._device, self._precision = device, precision
        self.optimiser = build_optimiser(model, config.training)
        self.schedule = build_schedule(self.optimiser, config.training, utterances=len(feed))
        self.scaler = gradient_scaler(device, precision)
        self._shuffler = torch.Generator().manual_seed(seed)
        self.objective = self._new_objective(config)

    def _new_objective(self, config: ExperimentConfig) -> MultitaskObjective:
        objective = build_objective(
            config.objective,
            batch_size=config.training.batch_size,
            label_bound=self._feed.label_bound,
        )
        labels = torch.from_numpy(np.array(self._feed.utterances.labels))
        # The released trainer shuffles once more, for the first pass that fills in the labels.
        order = torch.randperm(len(self._feed), generator=self._shuffler)
        objective.reset(labels, order, device=self._device)
        return objective

    def train_epoch(self, epoch: int) -> float:
        """Train on all batches of the split once and return the mean of their losses.

        Args:
            epoch: number of the epoch, from 1.

        Raises:
            NonFiniteLossError: the mean loss or every gradient is not finite.
        """
        accumulation = self._config.accumulation
        batches = draw_batches(self._feed, self._config, generator=self._shuffler)
        self._model.train()
        total = torch.zeros((), device=self._device)
        for number, rows in enumerate(batches, start=1):
            if (number - 1) % accumulation == 0:
                self.clear_gradients()
            total += self.train_batch(self._feed.batch(rows).to(str(self._device)), epoch)
            last = number == len(batches) and self._config.incomplete_group == "step"
            if last or number % accumulation == 0:
                self.step()
        mean = float(total) / len(batches)  # the only wait for the device in an epoch
        self._check_finite(mean, epoch)
        return mean

    def clear_gradients(self) -> None:
        """Drop the gradients of the last step."""
        self.optimiser.zero_grad(set_to_none=True)

    def train_batch(self, batch: Batch, epoch: int) -> Tensor:
        """Add the gradients of one batch, update the label state and return the scalar loss.

        It does not wait for the device.

        Args:
            batch: a training batch, with its labels and its index.
            epoch: number of the epoch, from 1.
        """
        with autocast(self._device, self._precision):
            output = self._model(batch)
        check_output(output, batch, model=self._name)
        loss = self.objective.loss(output, batch)
        torch.autograd.backward(self.scaler.scale(loss))
        self.objective.after_backward(output, batch, epoch=epoch)
        return loss.detach()

    def step(self) -> None:
        """Clip the gradients, step the optimiser and move on in the schedule."""
        clip = self._config.gradient_clip
        if clip is not None:
            self.scaler.unscale_(self.optimiser)
            torch.nn.utils.clip_grad_norm_(self._model.parameters(), clip, foreach=True)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.step()

    def _check_finite(self, mean: float, epoch: int) -> None:
        if not np.isfinite(mean):
            raise NonFiniteLossError(
                f"the training loss of epoch {epoch} is {mean}; expected a finite number. Lower "
                "the learning rates or set training.gradient_clip"
            )
        if never_steps(self.scaler):
            raise NonFiniteLossError(
                f"the gradients of epoch {epoch} overflow float16 at every scale of the loss, so "
                "no step is made; expected finite ones. Set training.precision to float32"
            )

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must hold to continue bit for bit, the model aside."""
        return {
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": self.scaler.state_dict(),
            "objective": self.objective.state_dict(),
            "shuffler": self._shuffler.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``state_dict`` returned; other entries of ``state`` are ignored."""
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        if state.get("scaler"):  # empty unless the run was in float16
            self.scaler.load_state_dict(state["scaler"])
        self.objective.load_state_dict(state["objective"])
        self._shuffler.set_state(state["shuffler"])
