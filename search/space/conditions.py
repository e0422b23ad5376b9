"""The order in which parameters are suggested, and whether each is active."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from search.option_values import Changes, OptionValue
from search.space.parameters import Parameter

Parameters = Mapping[str, Parameter]


def in_order(parameters: Parameters) -> list[str]:
    """Return the names so that each comes after those its condition names.

    Raises:
        graphlib.CycleError: the conditions form a cycle.
    """
    graph = {name: list(parameter.when) for name, parameter in parameters.items()}
    return [name for name in TopologicalSorter(graph).static_order() if name in parameters]


def is_active(parameter: Parameter, values: Changes) -> bool:
    """Return whether the condition of ``parameter`` holds under the values of the others."""
    return all(
        other in values and values[other] in allowed for other, allowed in parameter.when.items()
    )


def settings_of(name: str, parameters: Parameters) -> Iterator[dict[str, OptionValue]]:
    """Yield every combination of the other parameters' values under which ``name`` is active."""
    needed: dict[str, tuple[OptionValue, ...]] = {}
    waiting = [name]
    while waiting:
        for other, allowed in parameters[waiting.pop()].when.items():
            before = needed.get(other, allowed)
            needed[other] = tuple(value for value in before if value in allowed)
            waiting.append(other)
    for combination in itertools.product(*needed.values()):
        yield dict(zip(needed, combination, strict=True))


def draw(parameters: Parameters, generator: random.Random) -> dict[str, OptionValue]:
    """Return a random value for each active parameter, uniform on the parameter's scale."""
    values: dict[str, OptionValue] = {}
    for name in in_order(parameters):
        parameter = parameters[name]
        if is_active(parameter, values):
            values[name] = _draw_one(parameter, generator)
    return values


def _draw_one(parameter: Parameter, generator: random.Random) -> OptionValue:
    if parameter.size is not None:
        return parameter.value_at(generator.randrange(parameter.size))
    low, high, log = parameter.low, parameter.high, parameter.log
    if log:  # the power may leave the range by rounding
        drawn = math.exp(generator.uniform(math.log(low), math.log(high)))
        return min(max(drawn, low), high)
    return generator.uniform(low, high)
