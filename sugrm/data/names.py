"""Distinct names for the utterances of a file that repeats an id."""

from collections.abc import Sequence


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return the names with ``#2``, ``#3`` ... appended to repeated ones.

    ``reports.ledger.distinct`` names the rows of earlier ledgers in the same way.

    >>> distinct_names(["a", "b", "a", "a#2", "a"])
    ['a', 'b', 'a#3', 'a#2', 'a#4']
    """
    taken, numbers, found = set(names), dict[str, int](), []
    for name in names:
        number = numbers.get(name, 0) + 1
        while number > 1 and f"{name}#{number}" in taken:
            number += 1
        numbers[name] = number
        found.append(name if number == 1 else f"{name}#{number}")
    return found
