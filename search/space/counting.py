"""The number of combinations of values of finite parameters under their conditions.

Parameters that no condition links are independent, so their counts are multiplied. Within a linked
group the values of one parameter are tried; what is left falls into smaller groups, each of which
is counted once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from search.space.conditions import Parameters

MOST_GROUPS = 2000
"""Number of different groups that are counted at most; a usual space has a few."""

Group = Mapping[str, frozenset[str]]
"""Parameter -> the parameters of its conditions that have no value yet."""


class TooManyGroupsError(Exception):
    """The conditions link the parameters in too many ways to count the combinations."""


class CombinationCounter:
    """Counts the combinations of ``parameters``, each of which has finitely many values."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._counts: dict[frozenset[tuple[str, frozenset[str]]], int] = {}
        self._effects = {name: self._effects_of(name) for name in parameters}

    @property
    def total(self) -> int:
        """The number of combinations.

        Raises:
            TooManyGroupsError: more than ``MOST_GROUPS`` groups would have to be counted.
        """
        return self._count({name: frozenset(one.when) for name, one in self._parameters.items()})

    def _count(self, left: Group) -> int:
        total = 1
        for group in _linked(left):
            key = frozenset(group.items())
            if key not in self._counts:
                if len(self._counts) >= MOST_GROUPS:
                    raise TooManyGroupsError
                self._counts[key] = self._count_group(group)
            total *= self._counts[key]
        return total

    def _count_group(self, group: Group) -> int:
        first = next(name for name, conditions in group.items() if not conditions)
        dependants = {name for name, conditions in group.items() if first in conditions}
        outcomes: Counter[frozenset[str]] = Counter()
        for enabled, values in self._effects[first].items():
            outcomes[frozenset(dependants - enabled)] += values
        return sum(
            values * self._count(_without(group, first, inactive=inactive))
            for inactive, values in outcomes.items()
        )

    def _effects_of(self, name: str) -> Counter[frozenset[str]]:
        """Return the parameters whose condition on ``name`` holds -> for how many values."""
        parameter = self._parameters[name]
        conditions = {
            other: one.when[name] for other, one in self._parameters.items() if name in one.when
        }
        named: list[object] = []  # a list, for choices may be lists
        for values in conditions.values():
            named += [each for each in values if parameter.contains(each) and each not in named]
        effects = Counter(
            frozenset(other for other, values in conditions.items() if value in values)
            for value in named
        )
        unnamed = (parameter.size or 0) - len(named)
        if unnamed:
            effects[frozenset()] += unnamed
        return effects


def _linked(left: Group) -> Iterator[Group]:
    """Yield the groups of parameters that conditions link, each in the order of ``left``."""
    neighbours = {name: set(conditions) for name, conditions in left.items()}
    for name, conditions in left.items():
        for other in conditions:
            neighbours[other].add(name)
    seen: set[str] = set()
    for start in left:
        members, waiting = set[str](), [start] if start not in seen else []
        while waiting:
            name = waiting.pop()
            if name not in members:
                members.add(name)
                waiting += neighbours[name]
        seen |= members
        if members:
            yield {name: left[name] for name in left if name in members}


def _without(group: Group, decided: str, *, inactive: frozenset[str]) -> Group:
    """Return the rest of ``group``, without ``inactive`` and all parameters that need them."""
    removed = set(inactive)
    size = -1
    while size != len(removed):
        size = len(removed)
        removed |= {name for name, conditions in group.items() if conditions & removed}
    return {
        name: conditions - {decided}
        for name, conditions in group.items()
        if name not in removed and name != decided
    }
