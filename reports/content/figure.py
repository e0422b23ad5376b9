"""What a figure shows, apart from how it is drawn.

A builder in ``reports.figures`` computes a ``Figure`` of panels with marks in data coordinates
(``reports.content.mark``); ``reports.render.drawing`` draws any of them, so that a number in a
figure is tested without a pixel and is the same in SVG, in PNG and on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.content.display import Displayed
from reports.content.mark import Mark, column_lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis; with ``categories``, place i (from 0) is labelled ``categories[i]``.

    ``reverse`` puts the least value at the far end (the first category on top). A ``bare`` axis
    has neither scale nor grid.
    """

    title: str = ""
    log: bool = False
    low: float | None = None
    high: float | None = None
    categories: Sequence[str] = ()
    reverse: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One pair of axes; later marks are drawn over earlier ones."""

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Figure(Displayed):
    """A finished figure: panels from left to right, ``columns`` of them in a row.

    Attributes:
        name: name of its files.
        title: heading of the figure.
        summary: what it shows, in one or two sentences with numbers, for readers who cannot see it.
        panels: its panels, at least one.
        columns: number of panels side by side, at least 1.
        notes: lines under the figure: method, n, what is left out.
    """

    name: str
    title: str
    summary: str
    panels: tuple[Panel, ...]
    columns: int = 1
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a figure without panels and marks whose columns differ in length."""
        if not self.panels:
            raise ValueError(f"figure {self.name!r} has no panels, expected at least one")
        for panel in self.panels:
            for mark in panel.marks:
                _check(self.name, mark)

    def __repr__(self) -> str:
        """Return name, title and number of panels."""
        count = len(self.panels)
        panels = "1 panel" if count == 1 else f"{count} panels"
        return f"Figure({self.name!r}, {self.title!r}, {panels})"


def _check(name: str, mark: Mark) -> None:
    if len(column_lengths(mark)) > 1:
        raise ValueError(f"a mark of figure {name!r} has columns of unequal length: {mark}")
