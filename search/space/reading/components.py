"""Components that ``leave_one_out`` knows by name, and how each is left out of an experiment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from search.option_values import Changes
from search.space.options import value_at
from sugrm.types import MODALITY_OF, Modality, Task

Options = Mapping[str, Any]
"""A resolved experiment as nested plain values."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a system.

    Attributes:
        about: the options that its removal sets, in words.
        removal: returns the changes that remove the component from an experiment; None where the
            experiment does not have it.
    """

    about: str
    removal: Callable[[Options], Changes | None]


def _option(name: str, without: str, *, about: str) -> Component:
    """Return the component that the option ``name`` chooses; ``without`` is the choice of none.

    A system that lacks the option lacks the component.
    """

    def removal(options: Options) -> Changes | None:
        return {name: without} if value_at(options, name, default=without) != without else None

    return Component(about, removal)


def _generated_labels(options: Options) -> Changes | None:
    learns_unimodal = options["objective"]["tasks"] != [Task.MULTIMODAL]
    generates = options["objective"]["labels"]["name"] != "none"
    return {"objective.labels.name": "none"} if learns_unimodal and generates else None


def _recalibration(options: Options) -> Changes | None:
    gates = value_at(options, "model.recalibration", default="none") != "none"
    streams = value_at(options, "model.modalities", default=[*Modality])
    return {"model.recalibration": "none"} if gates and len(streams) > 1 else None


def _task(task: Task) -> Component:
    """Return the component that is a task of the objective."""
    name = "objective.tasks"
    return Component(
        f"`{name}` without {task}", lambda options: _without(options, name, member=task)
    )


def _modality(task: Task, modality: Modality) -> Component:
    """Return the component that is a stream; its task goes with it, for it cannot be predicted."""

    def removal(options: Options) -> Changes | None:
        streams = _without(options, "model.modalities", member=modality)
        tasks = _without(options, "objective.tasks", member=task) or {}
        return None if streams is None else {**streams, **tasks}

    return Component(
        f"`model.modalities` without {modality}, `objective.tasks` without {task}", removal
    )


def _without(options: Options, name: str, *, member: str) -> Changes | None:
    """Return the change that takes a member out of a list; None for no member and the last one."""
    given = value_at(options, name, default=[])
    rest = [each for each in given if each != member]
    return {name: rest} if rest and len(rest) < len(given) else None


COMPONENTS: Mapping[str, Component] = {
    "recalibration": Component("`model.recalibration: none`", _recalibration),
    "sequence encoder": _option(
        "model.encoder.name", "lstm", about="`model.encoder.name: lstm`, the plainest there is"
    ),
    "generated labels": Component(
        "`objective.labels.name: none`: the unimodal tasks learn the human label",
        _generated_labels,
    ),
    **{f"{modality} task": _task(task) for task, modality in MODALITY_OF.items()},
    **{f"{modality} modality": _modality(task, modality) for task, modality in MODALITY_OF.items()},
}
"""Name -> component, for any system that has it."""
