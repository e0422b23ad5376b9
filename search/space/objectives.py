"""The objectives of a search: validation metrics and costs of a trial."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from reports.ledger.goals import COSTS
from reports.ledger.schema import METRICS
from search.space.findings import nearest
from sugrm.config.sections.section import Section

_SMALLER_IS_BETTER = ("loss", "mae")
_METRICS = tuple(f"valid/{metric}" for metric in METRICS)
_OBJECTIVES = (*_METRICS, *COSTS)


def _mode_of(metric: str) -> Literal["min", "max"]:
    split, _, name = metric.partition("/")
    return "min" if split == "cost" or name in _SMALLER_IS_BETTER else "max"


class Objective(Section):
    """The validation metric by which trials are chosen; ``mode`` follows from it.

    In a list of objectives, all but the first may also be costs: ``cost/trainable_parameters``
    and ``cost/parameters`` (counted, so repeatable), ``cost/inference_seconds`` and
    ``cost/peak_memory_mib`` (measured on the machine that ran the trial: they differ from run to
    run, so a search by them is not reproducible; on a CPU, the peak is measured on Linux only).
    """

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
            guesses = (nearest(f"{kind}{metric}", _OBJECTIVES) for kind in ("", "valid/", "cost/"))
            hint = next(filter(None, guesses), "")
            raise ValueError(
                f"unknown metric; got {metric!r}; expected one of {', '.join(_OBJECTIVES)}"
                + (f"; did you mean {hint}?" if hint else "")
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


def _at_least_one(objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
    if not objectives:
        raise ValueError("no objective; expected at least one")
    return objectives


def _tag(given: object) -> str:
    return "list" if isinstance(given, list | tuple) else "section"


Objectives = Annotated[
    Annotated[Objective, Tag("section")]
    | Annotated[tuple[Objective, ...], AfterValidator(_at_least_one), Tag("list")],
    Discriminator(_tag),
]
"""One objective, or several: the first one is the primary, by which trials are ranked."""
