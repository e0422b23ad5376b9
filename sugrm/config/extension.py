"""The unions of options that plug-ins extend: systems and losses."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, SerializeAsAny, Tag

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.objective import LOSSES_BY_NAME, LossSection, ObjectiveConfig

_SYSTEMS: tuple[type[ModelSection], ...] = get_args(
    ExperimentConfig.model_fields["model"].annotation
)
SYSTEM_NAMES: tuple[str, ...] = tuple(each.model_fields["name"].default for each in _SYSTEMS)
"""The names of the package's own systems."""
LOSS_NAMES: tuple[str, ...] = get_args(ObjectiveConfig.model_fields["loss"].annotation)
"""The names of the package's own losses."""

_GENERATION = [0]


def generation() -> int:
    """Return a number that changes with the unions; what is computed of them is cached by it."""
    return _GENERATION[0]


def use_systems(added: Sequence[type[ModelSection]]) -> None:
    """Let ``model`` take these options besides those of the package's own systems."""
    # A configuration of an earlier content of a plug-in is still written out as what it is.
    union: Any = reduce(or_, (*_SYSTEMS, *added))
    wrapped: Any = SerializeAsAny
    union = wrapped[union] if added else union
    ExperimentConfig.model_fields["model"].annotation = union
    _rebuild()


def use_losses(added: Sequence[type[LossSection]]) -> None:
    """Let ``objective.loss`` take these options besides the names of the package's own losses."""
    LOSSES_BY_NAME.clear()
    LOSSES_BY_NAME.update({each.model_fields["name"].default: each for each in added})
    ObjectiveConfig.model_fields["loss"].annotation = _loss_type(added)
    ObjectiveConfig.model_rebuild(force=True)
    _rebuild()


def _loss_type(added: Sequence[type[LossSection]]) -> Any:  # noqa: ANN401 - a type made at run time
    names = Literal[(*LOSS_NAMES, *LOSSES_BY_NAME)]  # type: ignore[valid-type]
    if not added:
        return names
    sections: Any = reduce(or_, added)
    if len(added) > 1:
        sections = Annotated[sections, Field(discriminator="name")]
    return Annotated[
        Annotated[names, Tag("by_name")] | Annotated[sections, Tag("by_options")],
        Discriminator(lambda value: "by_name" if isinstance(value, str) else "by_options"),
    ]


def _rebuild() -> None:
    ExperimentConfig.model_rebuild(force=True)
    _GENERATION[0] += 1
