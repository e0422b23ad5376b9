"""In which settings trials differ from those that published numbers stand for.

A system that trained for 3 epochs, or with a smaller text encoder, must not pass for the one that
the paper names.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

Settings = Mapping[str, str]
"""Option, without its section, and value, in words."""


def other_values(
    config: str, usual: Mapping[str, object], *, without: Collection[str] = ()
) -> Settings:
    """Return the options of a resolved configuration whose values are not the usual ones.

    Only options that both have are compared: a ledger of an older version lacks newer ones.

    Args:
        config: the configuration as the ledger keeps it, JSON.
        usual: dotted option -> value.
        without: dotted options to leave out.
    """
    own = dict(_flat(json.loads(config)))
    return {
        _short(option): own[option] if isinstance(own[option], str) else json.dumps(own[option])
        for option, value in usual.items()
        if option in own and own[option] != value and option not in without
    }


def in_words(settings: Settings) -> str:
    """Return settings as a list: ``text minilm, max_epochs 3``."""
    return ", ".join(f"{option} {value}" for option, value in settings.items())


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _short(option: str) -> str:
    """Return ``text`` for ``model.text.name``, ``max_epochs`` for ``training.max_epochs``."""
    named = option.removesuffix(".name")
    return named.partition(".")[2] or named
