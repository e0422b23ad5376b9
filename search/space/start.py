"""The first trials of a search, as values of its parameters."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from search.option_values import Changes, OptionValue
from search.space.conditions import Parameters, in_order, is_active
from search.space.options import value_at
from search.space.parameters import ChoiceParameter
from sugrm.config import ExperimentConfig

if TYPE_CHECKING:
    from search.space.sections import SearchConfig


def starting_values(
    parameters: Parameters,
    changes: Changes,
    *,
    experiment_of: Callable[[Changes], ExperimentConfig],
) -> dict[str, OptionValue]:
    """Return the value of each active parameter in the experiment of ``changes``.

    A value that the parameter does not allow is returned too.
    """
    if whole := _all_given(parameters, changes):
        return whole
    experiment = experiment_of(changes)
    options = experiment.model_dump(mode="json")
    values: dict[str, OptionValue] = {}
    for name in in_order(parameters):
        parameter = parameters[name]
        if not is_active(parameter, values):
            continue
        values[name] = value_at(options, name)
        if isinstance(parameter, ChoiceParameter) and not parameter.contains(values[name]):
            # A list or section may be written in several ways (tasks in any order).
            for choice in parameter.choice:
                if _resolved({**changes, name: choice}, experiment_of) == experiment:
                    values[name] = choice
                    break
    return values


def could_suggest(
    search: "SearchConfig",
    changes: Changes,
    *,
    experiment_of: Callable[[Changes], ExperimentConfig],
) -> bool:
    """Return whether a search could suggest the experiment of ``changes``, or starts from it.

    Raises:
        pydantic.ValidationError: the values do not go together.
    """
    parameters = search.parameters
    values = starting_values(parameters, changes, experiment_of=experiment_of)
    inside = all(parameters[name].contains(value) for name, value in values.items())
    if inside and (values == changes or _resolved(values, experiment_of) == experiment_of(changes)):
        return True
    return any(
        changes == start or experiment_of(start) == experiment_of(changes) for start in search.start
    )


def _all_given(parameters: Parameters, changes: Changes) -> dict[str, OptionValue]:
    """Return ``changes`` in order where they are a complete suggestion; else nothing."""
    values: dict[str, OptionValue] = {}
    for name in in_order(parameters):
        if is_active(parameters[name], values):
            if name not in changes or not parameters[name].contains(changes[name]):
                return {}
            values[name] = changes[name]
    return values if len(values) == len(changes) else {}


def _resolved(
    changes: Changes, experiment_of: Callable[[Changes], ExperimentConfig]
) -> ExperimentConfig | None:
    try:
        return experiment_of(changes)
    except ValidationError:
        return None
