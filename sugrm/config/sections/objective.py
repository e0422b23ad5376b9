"""Options of the objective: tasks, loss and where the unimodal labels come from."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from sugrm.config.sections.section import Section
from sugrm.types import Task


class SugrmLabelsConfig(Section):
    """The paper's unimodal label generation (Section 3.3).

    ``clamp`` bounds generated labels before the momentum; ``extremes`` says how the utterances
    labelled +3 and -3 are weighted in D_max; ``zero_is_positive`` counts label 0 to the
    positive centre. Numbers are those of labels in [-3, 3]: 3 is the label bound of the
    dataset, so on CH-SIMS, whose labels lie in [-1, 1], ``clamp: 3`` clamps to 1. Distances between
    a modality's features and the fusion's need one width.
    """

    LIMITS: ClassVar[tuple[str, ...]] = ("clamp",)

    name: Literal["sugrm"] = "sugrm"
    clamp: float | None = Field(None, gt=0)
    zero_is_positive: bool = False
    extremes: Literal["equal", "shuffle"] = "equal"
    first_epoch: int = Field(2, ge=1)

    @property
    def needs_one_width(self) -> bool:
        """Whether the features of all tasks need one width."""
        return True


class SelfMmLabelsConfig(Section):
    """Self-MM's unimodal label generation (Yu et al. 2021), by relative distances.

    ``bound`` is the H that bounds generated labels before the momentum, for labels in [-3, 3]: 3
    is the label bound of the dataset (the released H is 1 for CH-SIMS). ``exclude_zero``
    counts label 0 to neither centre, where its first release counted it to the positive one.
    """

    LIMITS: ClassVar[tuple[str, ...]] = ("bound",)

    name: Literal["self_mm"] = "self_mm"
    bound: float = Field(3.0, gt=0)
    exclude_zero: bool = True
    first_epoch: int = Field(2, ge=1)

    @property
    def needs_one_width(self) -> bool:
        """Whether the features of all tasks need one width."""
        return False


class AlignedLabelsConfig(Section):
    """Labels from features that are first put into one space: a proposal of this project.

    SUGRM's rule measures distances between a modality's features and the fusion's, which lie in
    different spaces. Here ``map`` brings a modality's features into the fusion's space: by a ridge
    regression with the penalty ``ridge`` (a share of the features' mean variance), fitted at each
    step on the latest features of all training utterances; by moving their mean (``centre``); or
    ``none``. By ``magnitude: axis`` a label is the human label plus the signed distance from the
    fusion's feature to the modality's, along the line between the mean features of the utterances
    labelled -3 and +3, which are 6 apart; only ``clamp`` bounds it. ``distance`` is the paper's
    distance and direction. The paper's momentum follows.

    Before ``first_epoch`` all modalities learn the human label. ``floor`` is the least weight of
    their losses in every epoch; a larger ``objective.weight_floor`` replaces it. With a
    ``first_epoch`` beyond the last one the labels never move. Labels are those in [-3, 3], as for
    SUGRM's rule.
    """

    LIMITS: ClassVar[tuple[str, ...]] = ("clamp",)

    name: Literal["aligned"] = "aligned"
    map: Literal["ridge", "centre", "none"] = "ridge"
    ridge: float = Field(0.01, gt=0)
    magnitude: Literal["axis", "distance"] = "axis"
    clamp: float | None = Field(None, gt=0)
    floor: float = Field(0.3, ge=0, le=1)
    first_epoch: int = Field(5, ge=1)

    @property
    def needs_one_width(self) -> bool:
        """Whether the features of all tasks need one width."""
        return self.map != "ridge"


class HumanLabelsConfig(Section):
    """No generator: the unimodal tasks learn the human label, with weight 1."""

    LIMITS: ClassVar[tuple[str, ...]] = ()

    name: Literal["none"] = "none"

    @property
    def needs_one_width(self) -> bool:
        """Whether the features of all tasks need one width."""
        return False


LabelsConfig = Annotated[
    SugrmLabelsConfig | SelfMmLabelsConfig | AlignedLabelsConfig | HumanLabelsConfig,
    Field(discriminator="name"),
]


class LossSection(Section):
    """Base of the options of a loss that a plug-in adds; ``name`` is fixed by the subclass."""

    name: str


LOSSES_ABOUT: Mapping[str, str] = {
    "l1": "absolute error, the paper's",
    "l2": "squared error",
    "huber": "Huber: squared up to objective.huber_delta, linear beyond it",
}
"""Name -> what a loss of the package is, for each prediction (the paper's Table 8)."""
LOSSES_BY_NAME: dict[str, type[LossSection]] = {}
"""Name -> options of the losses of plug-ins (``sugrm.config.extension``)."""


class TranslationWeights(Section):
    """Weights of the translation losses of MCTN, by default those of its authors' code.

    ``forward`` is from the source to the first target, ``backward`` from there back again (the
    cycle), ``second_level`` from the joint representation to the second target.
    """

    forward: float = Field(0.1, ge=0)
    backward: float = Field(0.1, ge=0)
    second_level: float = Field(0.1, ge=0)


class ObjectiveConfig(Section):
    """Weighted multitask loss (Section 3.4).

    ``weight_floor`` is the least weight of a unimodal loss; 0 is the paper's tanh alone.
    ``alignment_weight`` weighs the CTC loss of a system that aligns unaligned input itself,
    ``translation_weights`` the losses of one that translates between modalities. ``loss`` may also
    name a loss of a plug-in, or give its options: ``{name: pinball, quantile: 0.3}``.
    """

    tasks: tuple[Task, ...] = (Task.MULTIMODAL, Task.TEXT, Task.AUDIO, Task.VISION)
    loss: Literal["l1", "l2", "huber"] = "l1"
    huber_delta: float = Field(1.0, gt=0)
    weight_floor: float = Field(0.0, ge=0, le=1)
    labels: LabelsConfig = SugrmLabelsConfig()
    alignment_weight: float = Field(1.0, ge=0)
    translation_weights: TranslationWeights = TranslationWeights()

    @field_validator("loss", mode="before")
    @classmethod
    def _name_stands_for_default_options(cls, loss: object) -> object:
        added = LOSSES_BY_NAME.get(loss) if isinstance(loss, str) else None
        return loss if added is None else added.model_validate({})

    @field_validator("tasks")
    @classmethod
    def _tasks_are_distinct_with_m(cls, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        if Task.MULTIMODAL not in tasks:
            raise ValueError("tasks needs M: the multimodal prediction is what is scored")
        if len(set(tasks)) != len(tasks):
            raise ValueError(f"tasks names one twice: {', '.join(tasks)}")
        return tuple(task for task in Task if task in tasks)
