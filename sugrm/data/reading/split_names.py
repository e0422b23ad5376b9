"""The names under which files hold their splits."""

from collections.abc import Mapping
from typing import Any

from sugrm.types import Split

NAMES: Mapping[Split, tuple[str, ...]] = {
    Split.TRAIN: ("train", "training"),
    Split.VALID: ("valid", "val", "dev", "validation"),
    Split.TEST: ("test", "testing"),
}
"""Split -> names, the usual one first."""


def entry_of(tree: Mapping[Any, Any], split: Split) -> Any:  # noqa: ANN401 - whatever it holds
    """Return what a tree holds for a split, None where it has no such split.

    >>> entry_of({"train": 1, "dev": 2}, Split.VALID)
    2
    """
    return next((tree[name] for name in NAMES[split] if name in tree), None)


def names_in(tree: Mapping[Any, Any], split: Split) -> list[str]:
    """Return the names under which a tree holds a split.

    >>> names_in({"val": 1, "dev": 2}, Split.VALID)
    ['val', 'dev']
    """
    return [name for name in NAMES[split] if name in tree]


def split_named(name: str) -> Split | None:
    """Return the split of a name, whatever its case; None where it names none.

    >>> split_named("Dev")
    <Split.VALID: 'valid'>
    """
    wanted = name.strip().lower()
    return next((split for split, names in NAMES.items() if wanted in names), None)
