"""How the learning rates change over a fit.

All rates are multiplied by one factor. With S steps of the optimiser in all epochs, W = warmup * S,
the factor of step s, from 0, is s / W below W; from there 1 (``constant``) or
(S - s) / (S - W) (``linear``), which would reach 0 after the last step.

Source: Devlin et al. 2019, Appendix A.2 (linear warm-up, linear decay), as transformers'
``get_linear_schedule_with_warmup`` counts it. A fit that stops early leaves the rest unused.
"""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from sugrm.config.sections.training import TrainingConfig


def build_schedule(optimiser: Optimizer, config: TrainingConfig, *, utterances: int) -> LambdaLR:
    """Return the schedule of a fit; step it after each step of the optimiser.

    Args:
        optimiser: the optimiser whose learning rates change.
        config: the options of training.
        utterances: number of training utterances, at least 1.
    """
    steps = config.max_epochs * steps_per_epoch(config, utterances)
    return LambdaLR(optimiser, lambda step: rate_factor(config, step, steps=steps))


def rate_factor(config: TrainingConfig, step: int, *, steps: int) -> float:
    """Return the factor of the rates at a step, from 0, of ``steps``."""
    rise = config.warmup * steps
    if step < rise:
        return step / max(1.0, rise)
    if config.schedule == "constant":
        return 1.0
    return max(0.0, (steps - step) / max(1.0, steps - rise))


def steps_per_epoch(config: TrainingConfig, utterances: int) -> int:
    """Return the number of optimiser steps in an epoch."""
    batches = -(-utterances // config.batch_size)
    full, rest = divmod(batches, config.accumulation)
    return full + (rest > 0 and config.incomplete_group == "step")
