"""The sections of a space file: search, confirmation, resources, budget."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from reports.schema import METRICS
from search.space.findings import nearest
from search.space.parameters import Parameter
from sugrm.config.section import Section

Changes = dict[str, Any]
"""Dotted option -> value, over the fixed values of the experiment."""

PUBLISHED_SEEDS = (1111, 1112, 1113, 1114, 1115)
"""The seeds over which the released code averages."""

_SMALLER_IS_BETTER = ("loss", "mae")
_OBJECTIVES = tuple(f"valid/{metric}" for metric in METRICS)


def _mode_of(metric: str) -> Literal["min", "max"]:
    return "min" if metric.partition("/")[2] in _SMALLER_IS_BETTER else "max"


def _check_seeds(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if not seeds:
        raise ValueError("no seeds; expected at least one")
    if any(not 0 <= seed < 2**32 for seed in seeds):
        raise ValueError(f"a seed lies outside 0..4294967295; got {list(seeds)}")
    if len(set(seeds)) != len(seeds):
        raise ValueError(f"a seed stands twice; got {list(seeds)}; expected each seed once")
    return seeds


Seeds = Annotated[tuple[int, ...], AfterValidator(_check_seeds)]
"""Training seeds, each once."""


class Objective(Section):
    """The validation metric by which trials are chosen; ``mode`` follows from it."""

    metric: str = "valid/mae"
    mode: Literal["min", "max"] = Field(
        default_factory=lambda known: _mode_of(known.get("metric", "valid/mae"))
    )

    @field_validator("metric")
    @classmethod
    def _is_on_validation(cls, metric: str) -> str:
        if metric.startswith("test/"):
            raise ValueError(
                f"{metric} would choose on the test split, and no score of what was chosen would "
                f"then be honest: choose on valid/{metric.removeprefix('test/')}, the report shows "
                "the test scores"
            )
        if metric not in _OBJECTIVES:
            hint = nearest(metric, _OBJECTIVES) or nearest(f"valid/{metric}", _OBJECTIVES)
            suggestion = f"; did you mean {hint}?" if hint else ""
            raise ValueError(
                f"unknown metric; got {metric!r}; expected one of {', '.join(_OBJECTIVES)}"
                f"{suggestion}"
            )
        return metric

    @model_validator(mode="after")
    def _keeps_the_best(self) -> "Objective":
        right = _mode_of(self.metric)
        if self.mode != right:
            raise ValueError(
                f"mode {self.mode} would keep the worst trials: {self.metric} is better when it "
                f"is {'smaller' if right == 'min' else 'larger'}; leave mode out or write {right}"
            )
        return self


class SamplerConfig(Section):
    """How values are suggested: ``tpe`` learns from the trials so far, ``random`` does not."""

    name: Literal["tpe", "random"] = "tpe"
    seed: int = Field(1, ge=0, lt=2**32)


class SchedulerConfig(Section):
    """How poor trials are stopped early.

    ``asha`` judges a trial at ``min_epochs`` epochs and at every ``reduction``-fold of them, and
    lets about one in ``reduction`` go on; ``none`` runs every trial to its end and leaves the
    other two options unused.
    """

    name: Literal["asha", "none"] = "none"
    min_epochs: int = Field(3, ge=1)
    reduction: int = Field(3, ge=2)


class SearchConfig(Section):
    """A search over ``parameters``.

    ``start`` lists the first trials, each as changes of parameters over the fixed values: ``[{}]``
    is the fixed values as they stand, ``[]`` begins with suggestions. ``seed`` is the training
    seed of every search trial; it is none of the confirmation's, whose seeds are to be fresh.
    ``hopeless_after`` stops a trial that after so many epochs has never had a smaller validation
    MAE than the mean of the training labels has; without it none is stopped for that.
    """

    trials: int = Field(ge=0)
    seed: int = Field(1110, ge=0, lt=2**32)
    objective: Objective = Objective()
    sampler: SamplerConfig = SamplerConfig()
    scheduler: SchedulerConfig = SchedulerConfig()
    start: tuple[Changes, ...] = ({},)
    hopeless_after: int | None = Field(None, ge=1)
    parameters: dict[str, Parameter] = Field(min_length=1)


class ConfirmConfig(Section):
    """The best ``top`` configurations of the search, run again over fresh ``seeds``."""

    top: int = Field(1, ge=1)
    seeds: Seeds = PUBLISHED_SEEDS


class CheckpointConfig(Section):
    """What a run keeps of its trials: the models of the best ``keep`` by the search's objective.

    Each is ``checkpoints/KEY/best.pt`` in the run's folder, read by ``sugrm.load_trained``. Of a
    running trial the last and the best epoch are kept until it has ended.
    """

    keep: int = Field(1, ge=0)


class Resources(Section):
    """What one trial takes: ``gpus`` is a share of one (0.25) or a whole number.

    A trial that computes for longer than ``timeout_minutes`` fails; None sets no limit.
    """

    cpus: int = Field(1, ge=1)
    gpus: float = Field(0.0, ge=0)
    timeout_minutes: float | None = Field(None, gt=0)

    @field_validator("gpus")
    @classmethod
    def _share_or_whole(cls, gpus: float) -> float:
        if gpus > 1 and gpus % 1:
            raise ValueError(f"{gpus} GPUs: expected a share below 1 or a whole number")
        return gpus


class Budget(Section):
    """What a run may take in total, over all of its commands; None sets no limit.

    ``hours`` are those that its commands were at work. ``trials`` that the ledger answers, or that
    are taken over from another run, are free. When hours or ``epochs`` are spent nothing new
    starts and the running trials stop at their last checkpoint; when trials are spent, those that
    run go on to their end. A raised budget continues the run.
    """

    hours: float | None = Field(None, gt=0)
    trials: int | None = Field(None, ge=1)
    epochs: int | None = Field(None, ge=1)
