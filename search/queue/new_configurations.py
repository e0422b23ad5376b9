"""Configurations that a search has not had: its starting points, and random ones."""

import random
from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from pydantic import ValidationError

from search.option_values import Changes
from search.space.conditions import draw
from search.space.configurations import list_configurations
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.space.sections import SearchConfig

_MOST_DRAWS = 1000
"""Draws from a space that is too large to list, before the search ends."""


def new_starts(
    search: "SearchConfig", *, key_of: Callable[[Changes], str], had: Container[str]
) -> list[Changes]:
    """Return the starting points that the search has not had, each trial once.

    Args:
        search: the space's search section.
        key_of: returns the key of the leading trial of a configuration.
        had: the keys of the leading trials that the search has had.
    """
    starts: dict[str, Changes] = {}
    for changes in search.start:
        key = key_of(changes)
        if key not in had:
            starts.setdefault(key, changes)
    return list(starts.values())


def draw_new(
    search: "SearchConfig", number: int, *, key_of: Callable[[Changes], str], had: Container[str]
) -> Changes | None:
    """Return a random configuration that the search has not had, None where none is found.

    Args:
        search: the space's search section.
        number: the number of the suggestion; the same number draws the same.
        key_of: returns the key of the leading trial of a configuration.
        had: the keys of the leading trials that the search has had.
    """
    generator = random.Random(f"{search.sampler.seed} {number}")
    listed = list_configurations(search, key_of)
    if listed is not None:
        new = [changes for key, changes in listed.items() if key not in had]
        return generator.choice(new) if new else None
    for _ in range(_MOST_DRAWS):
        changes = draw(search.parameters, generator)
        try:
            if key_of(changes) not in had:
                return changes
        except (ValidationError, SugrmError):
            continue
    return None
