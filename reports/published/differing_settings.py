"""The settings in which trials differ from those of published numbers.

A system trained for 3 epochs, or with a smaller text encoder, must not be taken for the system that
the paper names.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

Settings = Mapping[str, str]
"""Value by option without its section, both as text."""


def other_values(
    config: str, usual: Mapping[str, object], *, without: Collection[str] = ()
) -> Settings:
    """Return the options of a resolved configuration with values other than the usual ones.

    Only options that both have are compared: a ledger of an older version lacks newer ones.

    Args:
        config: resolved configuration as JSON, as in the ledger.
        usual: usual value by dotted option.
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
