"""The number of configurations that a search can suggest, and a list of them where it is short."""

from collections.abc import Callable, Iterator, Sequence

from pydantic import ValidationError

from search.option_values import Changes, OptionValue
from search.space.conditions import Parameters, in_order, is_active
from search.space.counting import CombinationCounter, TooManyGroupsError
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
    for changes in (*search.start, *_combinations(search.parameters)):
        try:
            found.setdefault(identify(changes), changes)
        except (ValidationError, SugrmError):
            continue
    return found


def _combinations(parameters: Parameters) -> Iterator[dict[str, OptionValue]]:
    yield from _extended({}, parameters, names=in_order(parameters))


def _extended(
    values: dict[str, OptionValue], parameters: Parameters, *, names: Sequence[str]
) -> Iterator[dict[str, OptionValue]]:
    if not names:
        yield values
        return
    name, *rest = names
    if not is_active(parameters[name], values):
        yield from _extended(values, parameters, names=rest)
        return
    for place in range(parameters[name].size or 0):
        value = parameters[name].value_at(place)
        yield from _extended({**values, name: value}, parameters, names=rest)
