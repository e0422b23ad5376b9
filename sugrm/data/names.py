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


CLIP = "$_$"
"""Between video and clip in the names of MMSA's files."""
# Matched from the end of a name, reversed: each character is then looked at a few times at most.
_NUMBER_REVERSED = re.compile(r"\]\d+\[|((\d+\.)?\d+_)+")


def video_of(name: str) -> str:
    """Return the part of an utterance's name before its number, start and end.

    >>> [video_of(name) for name in ("a$_$3", "b_c[12]", "d_4", "e_0.5_4.1", "f")]
    ['a', 'b_c', 'd', 'e', 'f']
    """
    before = name.partition(CLIP)[0]
    if len(before) == len(name):
        number = _NUMBER_REVERSED.match(name[::-1])
        before = name[: len(name) - number.end()] if number else name
    return before or name
