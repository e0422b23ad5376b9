"""The hover texts of a figure in its SVG: one invisible element for each text."""

import math
from collections.abc import Iterator
from xml.etree import ElementTree

from matplotlib.axes import Axes

from reports.content.mark import Bars, Intervals, Line, Mark, Points, Tiles
from reports.render.drawing.canvas import Drawn
from reports.render.drawing.style import plain

_RADIUS = 5  # points: large enough for a finger on a page-wide figure
Place = tuple[float, float]


def targets(drawn: Drawn) -> list[ElementTree.Element]:
    """Return the elements with hover texts; the figure must have been written as SVG before."""
    height = drawn.canvas.get_figheight() * 72
    return [
        element
        for panel, axes in zip(drawn.figure.panels, drawn.axes, strict=True)
        for mark in panel.marks
        for element in _of_mark(axes, mark, height=height)
    ]


def _of_mark(axes: Axes, mark: Mark, *, height: float) -> Iterator[ElementTree.Element]:
    match mark:
        case Line() | Points() | Intervals():
            for x, y, text in zip(mark.x, mark.y, mark.hover, strict=False):
                if (place := _place(axes, x, y=y, height=height)) is not None:
                    yield _circle(place, text)
        case Bars():
            for at, length, text in zip(mark.positions, mark.lengths, mark.hover, strict=False):
                ends = ((0.0, at - mark.width / 2), (length, at + mark.width / 2))
                yield from _box(
                    axes, ends if mark.horizontal else _turned(ends), text=text, height=height
                )
        case Tiles():
            for row, texts in enumerate(mark.hover):
                for column, text in enumerate(texts):
                    ends = ((column - 0.5, row - 0.5), (column + 0.5, row + 0.5))
                    yield from _box(axes, ends, text=text, height=height)
        case _:
            return


def _place(axes: Axes, x: float, *, y: float, height: float) -> Place | None:
    """Return a point in the SVG's coordinates; None if it is not shown."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    across, up = axes.transData.transform((x, y))
    box = axes.get_window_extent()
    inside = box.x0 - 1 <= across <= box.x1 + 1 and box.y0 - 1 <= up <= box.y1 + 1
    return (float(across), height - float(up)) if inside else None


def _turned(ends: tuple[Place, Place]) -> tuple[Place, Place]:
    (left, low), (right, high) = ends
    return (low, left), (high, right)


def _circle(place: Place, text: str) -> ElementTree.Element:
    numbers = {"cx": place[0], "cy": place[1], "r": _RADIUS}
    return _element("circle", numbers, text=text)


def _box(
    axes: Axes, ends: tuple[Place, Place], *, text: str, height: float
) -> Iterator[ElementTree.Element]:
    if not all(math.isfinite(value) for end in ends for value in end):
        return
    (left, low), (right, high) = axes.transData.transform(ends)
    numbers = {
        "x": min(left, right),
        "y": height - max(low, high),
        "width": max(abs(right - left), 2),
        "height": max(abs(high - low), 2),
    }
    yield _element("rect", numbers, text=text)


def _element(tag: str, numbers: dict[str, float], *, text: str) -> ElementTree.Element:
    written = {name: f"{number:.1f}".removesuffix(".0") for name, number in numbers.items()}
    return ElementTree.Element(tag, {**written, "data-hover": plain(text)})
