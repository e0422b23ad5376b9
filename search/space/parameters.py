"""The parameters of a search: floats, integers and choices, with or without a condition."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from search.space.findings import shown
from sugrm.config.sections.section import Section

Conditions = dict[str, tuple[Any, ...]]
"""Other parameter -> the values under which a parameter is active; all conditions must hold."""

_GRID_TOLERANCE = 1e-8


class FloatParameter(Section):
    """A number in [low, high]; ``log`` samples its logarithm, ``step`` a grid from ``low``."""

    low: float
    high: float
    log: bool = False
    step: float | None = Field(None, gt=0)
    when: Conditions = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> "FloatParameter":
        _check_range(self.low, self.high, log=self.log, step=self.step)
        return self

    def contains(self, value: object) -> bool:
        """Return whether a search may suggest ``value``."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        on_grid = self.step is None or _on_grid(value - self.low, self.step)
        return self.low <= value <= self.high and on_grid

    @property
    def size(self) -> int | None:
        """The number of values that a search may suggest, None for infinitely many."""
        if self.low == self.high:
            return 1
        return None if self.step is None else round((self.high - self.low) / self.step) + 1

    def value_at(self, place: int) -> float:
        """Return value number ``place`` of the grid, counted from 0, rounded as Optuna does."""
        return min(place * (self.step or 0.0) + self.low, self.high)


class IntParameter(Section):
    """A whole number in [low, high]; ``log`` and ``step`` as for any number."""

    low: int
    high: int
    log: bool = False
    step: int | None = Field(None, ge=1)
    when: Conditions = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> "IntParameter":
        _check_range(self.low, self.high, log=self.log, step=self.step)
        return self

    def contains(self, value: object) -> bool:
        """Return whether a search may suggest ``value``."""
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return self.low <= value <= self.high and (value - self.low) % (self.step or 1) == 0

    @property
    def size(self) -> int:
        """The number of values that a search may suggest."""
        return (self.high - self.low) // (self.step or 1) + 1

    def value_at(self, place: int) -> int:
        """Return value number ``place`` of the range, counted from 0."""
        return self.low + place * (self.step or 1)


class ChoiceParameter(Section):
    """One of a few values: numbers, text, booleans, null, lists or sections."""

    choice: tuple[Any, ...] = Field(min_length=1, max_length=1000)
    when: Conditions = Field(default_factory=dict)

    @field_validator("choice")
    @classmethod
    def _choices_differ(cls, choice: tuple[Any, ...]) -> tuple[Any, ...]:
        twice = [value for index, value in enumerate(choice) if value in choice[:index]]
        if twice:
            raise ValueError(
                f"the choice {shown(twice[0])} is listed twice; expected each value once"
            )
        return choice

    def contains(self, value: object) -> bool:
        """Return whether a search may suggest ``value``."""
        return value in self.choice

    @property
    def size(self) -> int:
        """The number of choices."""
        return len(self.choice)

    def value_at(self, place: int) -> Any:  # noqa: ANN401
        """Return choice number ``place``, counted from 0."""
        return self.choice[place]


def _kind(given: object) -> str:
    """Return the tag of a parameter: whole bounds make an integer."""
    if isinstance(given, Section):
        return type(given).__name__
    if not isinstance(given, Mapping) or not ("low" in given or "high" in given):
        return "ChoiceParameter"
    whole = all(type(given.get(bound)) is int for bound in ("low", "high"))
    return "IntParameter" if whole else "FloatParameter"


Parameter = Annotated[
    Annotated[FloatParameter, Tag("FloatParameter")]
    | Annotated[IntParameter, Tag("IntParameter")]
    | Annotated[ChoiceParameter, Tag("ChoiceParameter")],
    Discriminator(_kind),
]


def _check_range(low: float, high: float, *, log: bool, step: float | None) -> None:
    if low > high:
        raise ValueError(f"inverted bounds: low {low} is above high {high}")
    if log and low <= 0:
        raise ValueError(f"log needs a low above 0; got low {low}")
    if log and step is not None:
        raise ValueError(f"log and step {step} exclude each other: leave one out")
    if step is not None and not _on_grid(high - low, step):
        raise ValueError(f"high {high} is not low {low} plus a multiple of step {step}")


def _on_grid(distance: float, step: float) -> bool:
    places = distance / step  # infinite where the quotient is too large for a float
    return math.isfinite(places) and abs(places - round(places)) < _GRID_TOLERANCE
