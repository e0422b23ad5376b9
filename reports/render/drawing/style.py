"""Colours, markers, dashes and text sizes, the same for all figures.

Series have the colours of Okabe and Ito, Color Universal Design (2008), without the three that are
too light on white. Each colour has a contrast of at least 3 to white and to a dark page
(``#14161a``). Markers and dashes distinguish series without colour.
"""

import textwrap
from dataclasses import dataclass

from reports.content.figure import Figure
from reports.content.mark import Band, Bars, Intervals, Line, Look, Mark, Points
from reports.content.visible import one_line
from reports.render.names import SECOND, in_places, shortened

INK = "#1c2024"
"""Colour of text and axes; on a page, the page's own colour replaces it."""
PAPER = "#ffffff"
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a67c00", "#7b68c8", "#6f7680")
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 1.6), (1.6, 1.3), (6, 1.6, 1.4, 1.6))
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
FONTS = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif"
"""Fonts of SVG files; the layout is measured with DejaVu Sans, which is wider than these."""

WIDTH = 6.5  # inches: the text of a page
TITLE, PANEL_TITLE, LABEL, TICK, NOTE = 10.5, 8.5, 8.0, 7.5, 6.8  # points


@dataclass(frozen=True, slots=True)
class SeriesStyle:
    """The style of one series; without an ``index`` it is context, drawn in the text colour."""

    colour: str
    index: int | None = None

    @property
    def marker(self) -> str:
        """Return the marker of its points; it differs when colours repeat."""
        index = self.index or 0
        return MARKERS[(index + index // len(PALETTE)) % len(MARKERS)]

    @property
    def dashes(self) -> tuple[float, ...]:
        """Return its dash pattern in line widths; an empty pattern is solid."""
        return DASHES[(self.index or 0) % len(DASHES)]


CONTEXT = SeriesStyle(INK)
_COLOURED = (Line, Points, Intervals, Band, Bars)


class Series:
    """The series of a figure, in the order of their first occurrence."""

    def __init__(self, figure: Figure) -> None:
        names = dict.fromkeys(
            mark.series
            for panel in figure.panels
            for mark in panel.marks
            if isinstance(mark, _COLOURED) and not _is_context(mark)
        )
        self._styles = {
            name: SeriesStyle(PALETTE[place % len(PALETTE)], place)
            for place, name in enumerate(names)
        }

    @property
    def named(self) -> tuple[str, ...]:
        """Return the names in the legend."""
        return tuple(name for name in self._styles if name)

    def style(self, mark: Mark) -> SeriesStyle:
        """Return the style of a mark."""
        if isinstance(mark, _COLOURED) and not _is_context(mark):
            return self._styles[mark.series]
        return CONTEXT

    def named_style(self, name: str) -> SeriesStyle:
        """Return the style of a series of the legend."""
        return self._styles[name]


def _is_context(mark: Line | Points | Intervals | Band | Bars) -> bool:
    return not mark.series and getattr(mark, "look", Look.NORMAL) is Look.FAINT


def plain(text: str) -> str:
    """Return ``text`` on one line, with invisible characters escaped."""
    return one_line(text).strip()


def wrapped(text: str, width: int, *, lines: int) -> list[str]:
    """Return ``text`` in at most ``lines`` lines of ``width`` places, the last one cut."""
    folded = textwrap.wrap(in_places(plain(text)), width, break_on_hyphens=False)
    found = [whole for line in folded if (whole := line.replace(SECOND, ""))]
    if len(found) > lines:
        found[lines - 1 :] = [shortened(" ".join(found[lines - 1 :]), width)]
    return found
