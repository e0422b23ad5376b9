"""Checks of the arguments of public functions, made before any work starts."""

import math
import operator
import os
from pathlib import Path

from sugrm.errors import ArgumentError

LARGEST_SEED = 2**32 - 1
"""The largest seed that every random generator accepts, NumPy's among them."""
EXPERIMENT = "an ExperimentConfig; sugrm.resolve(...) makes one of nested options"
SYNTHETIC = "a SyntheticConfig, as SyntheticConfig(train=64)"
CORPUS = "a Corpus, as sugrm.load_corpus returns"


def check_type(name: str, value: object, *, kind: type, expected: str) -> None:
    """Raise an error where a value is of another type.

    Args:
        name: name of the argument, for the message.
        value: the value that was given.
        kind: the type that the value must have.
        expected: what the argument must be and how to get it, for the message.

    Raises:
        ArgumentError: the value is of another type.
    """
    if not isinstance(value, kind):
        raise ArgumentError(f"{name} is {_described(value)}; expected {expected}")


def checked_seed(value: object) -> int:
    """Return a seed as a Python integer; NumPy's integers are accepted too.

    Raises:
        ArgumentError: it is not a whole number from 0 to 2**32 - 1.
    """
    seed = whole_number(value)
    if seed is None or not 0 <= seed <= LARGEST_SEED:
        got = _described(value) if seed is None else str(value)[:40]
        raise ArgumentError(f"seed is {got}; expected a whole number from 0 to {LARGEST_SEED}")
    return seed


def checked_size(name: str, value: object) -> int:
    """Return a width or a number of steps as a Python integer.

    Raises:
        ArgumentError: it is not a whole number of at least 1.
    """
    size = whole_number(value)
    if size is None or size < 1:
        got = _described(value) if size is None else str(value)[:40]
        raise ArgumentError(f"{name} is {got}; expected a whole number of at least 1")
    return size


def checked_bound(value: object) -> float:
    """Return the largest absolute label of a dataset as a float.

    Raises:
        ArgumentError: it is not a finite number above 0.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < float(value) < math.inf:  # type: ignore[arg-type]
        raise ArgumentError(f"label_bound is {_described(value)}; expected a number above 0")
    return float(value)  # type: ignore[arg-type]


def checked_path(name: str, value: object) -> Path:
    """Return a path that was given as text or as a path object.

    Raises:
        ArgumentError: it is neither, or holds a null character.
    """
    if not isinstance(value, str | os.PathLike) or isinstance(os.fspath(value), bytes):
        raise ArgumentError(f"{name} is {_described(value)}; expected a path, as text or pathlib's")
    if "\0" in os.fspath(value):
        raise ArgumentError(
            f"{name} is {str(value)[:40]!r}; expected a path, which holds no null character"
        )
    return Path(value)


def whole_number(value: object) -> int | None:
    """Return an integer, Python's or NumPy's, as Python's; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _described(value: object) -> str:
    if value is None:
        return "None"
    kind = type(value).__name__
    if isinstance(value, str | bool | int | float):
        return f"{str(value)[:40]!r} ({kind})" if isinstance(value, str) else f"{value} ({kind})"
    return f"of type {kind}"
