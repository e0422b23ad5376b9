"""Options of training: batches, optimiser groups, stopping, numerics."""

import re
from typing import ClassVar, Literal

from pydantic import Field, PositiveFloat, field_validator

from sugrm.config.sections.section import Section

Monitor = Literal[
    "valid/loss",
    "valid/mae",
    "valid/corr",
    "valid/acc2_negative_nonnegative",
    "valid/acc2_negative_positive",
    "valid/f1_negative_nonnegative",
    "valid/f1_negative_positive",
    "valid/acc5",
    "valid/acc7",
    "valid/acc2_sims",
    "valid/f1_sims",
    "valid/acc3_sims",
    "valid/acc5_sims",
]


class LearningRateConfig(Section):
    """Learning rate of each parameter group.

    ``audio`` and ``vision`` are those streams' own encoders, where a system has them; null takes
    the rate of ``encoder``. Where ``encoder`` is null, it takes the rate of ``others``.
    """

    text: PositiveFloat = 5e-5
    audio: PositiveFloat | None = None
    vision: PositiveFloat | None = None
    encoder: PositiveFloat | None = None
    others: PositiveFloat = 1e-2


class WeightDecayConfig(Section):
    """Weight decay of each parameter group; the text encoder's biases and norms have none.

    ``audio`` and ``vision`` None take the decay of ``encoder``.
    """

    text: float = Field(0.0, ge=0)
    audio: float | None = Field(None, ge=0)
    vision: float | None = Field(None, ge=0)
    encoder: float = Field(0.0, ge=0)
    others: float = Field(0.0, ge=0)


class TrainingConfig(Section):
    """How a model is fitted.

    ``batches: shuffled`` draws each batch from all utterances; ``similar_length`` sorts each eight
    batches of shuffled utterances by length, cuts them into batches of similar length, which are
    padded less, and shuffles these.
    ``accumulation`` sums the gradients of that many batches before a step;
    ``incomplete_group: drop`` never steps on a trailing group that is not full, as the released
    code does. ``warmup`` is the share of all steps over which the rates rise from 0; after it they
    stay (``constant``) or fall to 0 at the end of ``max_epochs`` (``linear``). ``monitor`` is the
    validation metric of early stopping and of the best epoch, one of the dataset's metrics.
    ``precision: auto`` is bfloat16 on a GPU that computes in it and float32 elsewhere; ``float16``
    trains with a gradient scaler, on a GPU alone.
    """

    ADDED: ClassVar[tuple[str, ...]] = ("batches",)

    batch_size: int = Field(32, ge=1)
    batches: Literal["shuffled", "similar_length"] = "shuffled"
    accumulation: int = Field(1, ge=1)
    incomplete_group: Literal["step", "drop"] = "step"
    optimiser: Literal["adam", "adamw"] = "adam"
    learning_rate: LearningRateConfig = LearningRateConfig()
    schedule: Literal["constant", "linear"] = "constant"
    warmup: float = Field(0.0, ge=0, lt=1)
    weight_decay: WeightDecayConfig = WeightDecayConfig()
    gradient_clip: PositiveFloat | None = None
    max_epochs: int = Field(50, ge=1)
    patience: int = Field(8, ge=1)
    monitor: Monitor = "valid/loss"
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"

    @field_validator("device")
    @classmethod
    def _is_a_device(cls, name: str) -> str:
        if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
            raise ValueError(f"{name!r} is not a device; expected auto, cpu, cuda or cuda:N")
        return name
