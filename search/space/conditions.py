"""Which parameters are active, and in which order they are suggested."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

from search.space.parameters import Parameter

Parameters = Mapping[str, Parameter]


def in_order(parameters: Parameters) -> list[str]:
    """Return the names so that each comes after those its condition names.

    Raises:
        graphlib.CycleError: conditions run in a circle.
    """
    graph = {name: list(parameter.when) for name, parameter in parameters.items()}
    return [name for name in TopologicalSorter(graph).static_order() if name in parameters]


def is_active(parameter: Parameter, values: Mapping[str, Any]) -> bool:
    """Return whether the condition of ``parameter`` holds under the values of the others."""
    return all(
        other in values and values[other] in allowed for other, allowed in parameter.when.items()
    )


def settings_of(name: str, parameters: Parameters) -> Iterator[dict[str, Any]]:
    """Yield every combination of the other parameters' values under which ``name`` is active."""
    needed: dict[str, tuple[Any, ...]] = {}
    waiting = [name]
    while waiting:
        for other, allowed in parameters[waiting.pop()].when.items():
            before = needed.get(other, allowed)
            needed[other] = tuple(value for value in before if value in allowed)
            waiting.append(other)
    for combination in itertools.product(*needed.values()):
        yield dict(zip(needed, combination, strict=True))


def draw(parameters: Parameters, generator: random.Random) -> dict[str, Any]:
    """Return one drawn value for each parameter that is active, uniform on its own scale."""
    values: dict[str, Any] = {}
    for name in in_order(parameters):
        parameter = parameters[name]
        if is_active(parameter, values):
            values[name] = _draw_one(parameter, generator)
    return values


def _draw_one(parameter: Parameter, generator: random.Random) -> object:
    if parameter.size is not None:
        return parameter.value_at(generator.randrange(parameter.size))
    low, high, log = parameter.low, parameter.high, parameter.log
    if log:  # the power may leave the range by rounding
        drawn = math.exp(generator.uniform(math.log(low), math.log(high)))
        return min(max(drawn, low), high)
    return generator.uniform(low, high)
