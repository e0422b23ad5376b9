"""The marks of a figure in data coordinates: lines, points, bars and the like.

Marks of one ``series`` share a colour and an entry of the legend; ``hover`` is the text that the
page shows for each point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Look(StrEnum):
    """How strongly a mark is drawn."""

    NORMAL = "normal"
    FAINT = "faint"  # context: many of its kind lie behind what matters
    STRONG = "strong"  # what the figure is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points; ``markers`` draws each of them.

    NaN interrupts it. ``hover``: one text for each point, or none.
    """

    x: Sequence[float]
    y: Sequence[float]
    series: str = ""
    look: Look = Look.NORMAL
    dashed: bool = False
    markers: bool = False
    hover: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Single points; ``marker`` distinguishes kinds without colour."""

    x: Sequence[float]
    y: Sequence[float]
    series: str = ""
    look: Look = Look.NORMAL
    marker: Literal["circle", "square", "cross", "diamond"] = "circle"
    hover: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Points with intervals along x (``horizontal``) or y; an end may be NaN: unknown."""

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    series: str = ""
    horizontal: bool = False
    hover: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The area between two lines."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    series: str = ""
    look: Look = Look.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars from zero at ``positions``; ``horizontal`` ones along x; ``width`` is that of a bar."""

    positions: Sequence[float]
    lengths: Sequence[float]
    series: str = ""
    horizontal: bool = False
    width: float = 0.8
    hover: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """A matrix, ``values[row][column]``, rows from the top, with ``texts`` written on it."""

    values: Sequence[Sequence[float]]
    texts: Sequence[Sequence[str]]
    hover: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A reference line across the panel at ``x`` or at ``y``, or from corner to corner.

    ``diagonal`` is the line y = x.
    """

    x: float | None = None
    y: float | None = None
    diagonal: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Small texts beside points of the panel, such as the ends of a scale."""

    x: Sequence[float]
    y: Sequence[float]
    texts: Sequence[str]
    side: Literal["right", "above", "below"] = "right"


Mark = Line | Points | Intervals | Band | Bars | Tiles | Rule | Texts


def column_lengths(mark: Mark) -> set[int]:
    """Return the lengths of the sequences of a mark, which must all be equal."""
    match mark:
        case Rule():
            return set()
        case Tiles():  # rows of one length; texts and hover have as many rows as values
            tables = [mark.values, mark.texts, mark.hover or mark.texts]
            even = len({tuple(len(row) for row in table) for table in tables}) == 1
            return {len(row) for row in mark.values} if even else {0, 1}
        case Bars():
            return {len(mark.positions), len(mark.lengths), len(mark.hover or mark.lengths)}
        case Band():
            return {len(mark.x), len(mark.low), len(mark.high)}
        case Texts():
            return {len(mark.x), len(mark.y), len(mark.texts)}
        case Intervals():
            ends = {len(mark.low), len(mark.high)}
            return {len(mark.x), len(mark.y), len(mark.hover or mark.x), *ends}
        case _:
            return {len(mark.x), len(mark.y), len(mark.hover or mark.x)}
