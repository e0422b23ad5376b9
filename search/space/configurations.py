"""How many configurations a search can suggest, and which, where that is finite."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from search.space.conditions import Parameters, in_order, is_active
from search.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter
from search.space.sections import SearchConfig
from sugrm import SugrmError

MOST_LISTED = 1000
"""Combinations of values up to which they are listed; resolving one takes half a millisecond."""
_OTHER = object()  # any value that no condition names


def count_combinations(parameters: Parameters) -> int | None:
    """Return how many combinations of values the conditions allow, None for infinitely many.

    >>> from search.space.parameters import ChoiceParameter, IntParameter
    >>> count_combinations({
    ...     "a": ChoiceParameter(choice=("x", "y")),
    ...     "b": IntParameter(low=1, high=3, when={"a": ("x",)}),
    ... })
    4
    """
    if any(_allowed(parameter) is None for parameter in parameters.values()):
        return None
    named: dict[str, list[Any]] = {}
    for parameter in parameters.values():
        for other, values in parameter.when.items():
            named.setdefault(other, []).extend(values)
    return _count(parameters, in_order(parameters), named, {})


def list_configurations(
    search: SearchConfig, identify: Callable[[Mapping[str, Any]], str]
) -> dict[str, Mapping[str, Any]] | None:
    """Return the changes of every configuration that a search can run, starting points first.

    Args:
        search: the search section of a space.
        identify: returns a text that equal configurations share; it raises ``ValidationError`` or
            ``SugrmError`` where values do not go together.

    Returns:
        Identity -> changes; None where there are more than ``MOST_LISTED`` combinations.
    """
    count = count_combinations(search.parameters)
    if count is None or count > MOST_LISTED:
        return None
    found: dict[str, Mapping[str, Any]] = {}
    for changes in (*search.start, *_combinations(search.parameters)):
        try:
            found.setdefault(identify(changes), changes)
        except (ValidationError, SugrmError):
            continue
    return found


def _count(
    parameters: Parameters,
    names: Sequence[str],
    named: Mapping[str, Sequence[Any]],
    values: Mapping[str, Any],
) -> int:
    """Count the combinations of ``names`` under the values of those before them."""
    if not names:
        return 1
    name, *rest = names
    if not is_active(parameters[name], values):
        return _count(parameters, rest, named, values)
    allowed = _allowed(parameters[name]) or ()
    conditions = named.get(name)  # mostly none, and a range may hold 10**18 values
    told_apart = [value for value in allowed if value in conditions] if conditions else []
    others = len(allowed) - len(told_apart)
    total = sum(_count(parameters, rest, named, {**values, name: value}) for value in told_apart)
    if others:
        total += others * _count(parameters, rest, named, {**values, name: _OTHER})
    return total


def _combinations(parameters: Parameters) -> Iterator[dict[str, Any]]:
    yield from _extended({}, parameters, in_order(parameters))


def _extended(
    values: dict[str, Any], parameters: Parameters, names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    if not names:
        yield values
        return
    name, *rest = names
    if not is_active(parameters[name], values):
        yield from _extended(values, parameters, rest)
        return
    for value in _allowed(parameters[name]) or ():
        yield from _extended({**values, name: value}, parameters, rest)


def _allowed(parameter: Parameter) -> Sequence[Any] | None:
    """Return the values of a parameter, None for infinitely many."""
    match parameter:
        case ChoiceParameter(choice=choice):
            return choice
        case IntParameter(low=low, high=high, step=step):
            return range(low, high + 1, step or 1)
        case FloatParameter():
            return parameter.grid
