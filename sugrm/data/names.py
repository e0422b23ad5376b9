"""Names of utterances: distinct ones for repeated ids, and the video that each belongs to."""

import re
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


_NUMBER = re.compile(r"(\$_\$.*|\[\d+\]|(_\d+(\.\d+)?)+)$")


def video_of(name: str) -> str:
    """Return the part of an utterance's name before its number, start and end.

    >>> [video_of(name) for name in ("a$_$3", "b_c[12]", "d_4", "e_0.5_4.1", "f")]
    ['a', 'b_c', 'd', 'e', 'f']
    """
    return _NUMBER.sub("", name) or name
