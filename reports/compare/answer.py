"""The answers of tests as text."""

from collections.abc import Mapping
from typing import Literal

from reports.compare.side import Pair
from reports.tables.few_seeds import NOT_SHOWN

UNKNOWN = "unknown"


def better(pair: Pair, difference: float, *, mode: Literal["min", "max"]) -> str:
    """Return which run is better by a difference ``second - first``."""
    side = pair.second if (difference < 0) == (mode == "min") else pair.first
    return f"{side.name} is better"


def sentence(answers: Mapping[str, str]) -> str:
    """Return the answers of a table, by metric, as one line."""
    asked: dict[str, list[str]] = {}
    for name, answer in answers.items():
        asked.setdefault(answer, []).append(name)
    hidden = any(answer.startswith(NOT_SHOWN) for answer in asked)
    parts = "; ".join(f"{answer} in {', '.join(names)}" for answer, names in asked.items())
    equal = ". No difference shown does not mean no difference: see the intervals"
    return f"Answer: {parts}{equal if hidden else ''}."
