"""The number of configurations that a search can suggest, and a list of them where it is short."""

from collections.abc import Callable, Iterator, Sequence

from pydantic import ValidationError

from search.option_values import Changes, OptionValue
from search.space.conditions import Parameters, in_order, is_active
from search.space.counting import CombinationCounter, TooManyGroupsError
from search.space.parameters import Parameter
from search.space.sections import SearchConfig
from sugrm import SugrmError

MOST_LISTED = 1000
"""Combinations of values that are listed; resolving one takes half a millisecond."""


def count_combinations(parameters: Parameters) -> int | None:
    """Return how many combinations of values the conditions allow.

    None means infinitely many, or conditions that link too many parameters to count.

    >>> from search.space.parameters import ChoiceParameter, IntParameter
    >>> count_combinations({
    ...     "a": ChoiceParameter(choice=("x", "y")),
    ...     "b": IntParameter(low=1, high=3, when={"a": ("x",)}),
    ... })
    4
    """
    if any(parameter.size is None for parameter in parameters.values()):
        return None
    try:
        return CombinationCounter(parameters).total
    except TooManyGroupsError:
        return None


def list_configurations(
    search: SearchConfig, identify: Callable[[Changes], str]
) -> dict[str, Changes] | None:
    """Return the changes of every configuration that a search can run, starting points first.

    Args:
        search: the search section of a space.
        identify: returns the same text for equal configurations; it raises ``ValidationError`` or
            ``SugrmError`` where values do not go together.

    Returns:
        Identity -> changes; None where there are more than ``MOST_LISTED`` combinations, or
        where they are not counted.
    """
    count = count_combinations(search.parameters)
    if count is None or count > MOST_LISTED:
        return None
    found: dict[str, Changes] = {}
    for changes in (*search.start, *combinations(search.parameters)):
        try:
            found.setdefault(identify(changes), changes)
        except (ValidationError, SugrmError):
            continue
    return found


def _every_value(parameter: Parameter) -> Sequence[OptionValue]:
    return [parameter.value_at(place) for place in range(parameter.size or 0)]


def combinations(
    parameters: Parameters,
    *,
    values_of: Callable[[Parameter], Sequence[OptionValue]] = _every_value,
) -> Iterator[dict[str, OptionValue]]:
    """Yield every combination of the parameters' values that the conditions allow.

    Args:
        parameters: the parameters; those that a condition names must be among them.
        values_of: returns the values of a parameter; by default all of them.
    """
    yield from _extended({}, parameters, names=in_order(parameters), values_of=values_of)


def _extended(
    values: dict[str, OptionValue],
    parameters: Parameters,
    *,
    names: Sequence[str],
    values_of: Callable[[Parameter], Sequence[OptionValue]],
) -> Iterator[dict[str, OptionValue]]:
    if not names:
        yield values
        return
    name, *rest = names
    extended = [values]
    if is_active(parameters[name], values):
        extended = [{**values, name: value} for value in values_of(parameters[name])]
    for each in extended:
        yield from _extended(each, parameters, names=rest, values_of=values_of)
