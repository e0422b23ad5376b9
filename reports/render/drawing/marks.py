"""Draws each kind of mark; a new kind is one more case of ``draw_mark``."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reports.content.mark import Band, Bars, Intervals, Line, Look, Mark, Points, Rule, Texts, Tiles
from reports.render.drawing import style
from reports.render.drawing.rules import draw_rule
from reports.render.drawing.tiles import draw_tiles
from reports.render.drawing.values import finite
from reports.render.names import shortened

_LINES = {Look.FAINT: (0.7, 0.32), Look.NORMAL: (1.3, 1.0), Look.STRONG: (1.8, 1.0)}
POINTS = {Look.FAINT: (3.2, 0.6), Look.NORMAL: (4.4, 1.0), Look.STRONG: (6.2, 1.0)}
"""Size in points and opacity: a faint point has a contrast of 3:1 on a dark page."""
_EDGE = 0.4  # points: white edge that separates a point from one below
_BANDS = {Look.FAINT: 0.16, Look.NORMAL: 0.28, Look.STRONG: 0.5}
_SIGNS = {"circle": "o", "square": "s", "cross": "x", "diamond": "D"}


def draw_mark(axes: Axes, mark: Mark, *, look: style.SeriesStyle, order: float) -> None:
    """Draw ``mark`` in data coordinates; ``order`` puts it above those of lower order."""
    match mark:
        case Line():
            _draw_line(axes, mark, look=look, order=order)
        case Points():
            axes.plot(finite(mark.x), finite(mark.y), **point_look(mark, look), zorder=order)
        case Intervals():
            _draw_intervals(axes, mark, look=look, order=order)
        case Band():
            _draw_band(axes, mark, look=look, order=order)
        case Bars():
            _draw_bars(axes, mark, look=look, order=order)
        case Tiles():
            draw_tiles(axes, mark, order=order)
        case Rule():
            draw_rule(axes, mark, order=order)
        case Texts():
            _draw_texts(axes, mark, order=order)


def line_look(line: Line, look: style.SeriesStyle) -> dict[str, Any]:
    """Return matplotlib's properties of a line."""
    width, alpha = _LINES[line.look]
    dashes = (4.0, 2.0) if line.dashed else () if line.markers else look.dashes
    pattern: Any = (0, dashes) if dashes else "-"
    return {"color": look.colour, "lw": width, "alpha": alpha, "ls": pattern}


def point_look(points: Points, look: style.SeriesStyle) -> dict[str, Any]:
    """Return matplotlib's properties of single points."""
    size, alpha = POINTS[points.look]
    sign = _SIGNS[points.marker]
    return {
        "color": look.colour,
        "ls": "none",
        "marker": sign,
        "ms": size * (0.85 if sign in "sD" else 1.0),
        "mew": size / 3.4 if sign == "x" else _EDGE if alpha == 1 else 0.0,
        "mec": look.colour if sign == "x" else style.PAPER,
        "alpha": alpha,
    }


def _draw_line(axes: Axes, mark: Line, *, look: style.SeriesStyle, order: float) -> None:
    x, y = finite(mark.x), finite(mark.y)
    axes.plot(x, y, **line_look(mark, look), zorder=order)
    if mark.markers:
        points = Points(x=mark.x, y=mark.y, look=mark.look)
        signs = point_look(points, look) | {"marker": look.marker, "ms": 3.6}
        axes.plot(x, y, **signs, zorder=order)


def _draw_band(axes: Axes, mark: Band, *, look: style.SeriesStyle, order: float) -> None:
    x, low, high = (finite(values) for values in (mark.x, mark.low, mark.high))
    alpha = _BANDS[mark.look]
    axes.fill_between(x, low, high, color=look.colour, alpha=alpha, lw=0, zorder=order)


def _draw_intervals(axes: Axes, mark: Intervals, *, look: style.SeriesStyle, order: float) -> None:
    x, y = finite(mark.x), finite(mark.y)
    centre = x if mark.horizontal else y
    # Without a known end, that half of the interval is not drawn.
    low, high = (
        np.where(np.isnan(end), centre, end) for end in (finite(mark.low), finite(mark.high))
    )
    ends = {"color": look.colour, "lw": 1.5, "zorder": order}
    if mark.horizontal:
        axes.hlines(y, low, high, **ends)  # type: ignore[arg-type]
    else:
        axes.vlines(x, low, high, **ends)  # type: ignore[arg-type]
    axes.plot(
        x, y, color=look.colour, ls="none", marker=look.marker, ms=4.8, mew=0, zorder=order + 0.0005
    )


def _draw_bars(axes: Axes, mark: Bars, *, look: style.SeriesStyle, order: float) -> None:
    places, lengths = finite(mark.positions), finite(mark.lengths)
    known = ~np.isnan(places) & ~np.isnan(lengths)
    draw = axes.barh if mark.horizontal else axes.bar
    draw(
        places[known],
        lengths[known],
        mark.width,
        color=look.colour,
        lw=0,
        zorder=order,
    )
    if (lengths[known] < 0).any():
        zero = axes.axvline if mark.horizontal else axes.axhline
        zero(0, color=style.INK, lw=0.8, zorder=order)


def _draw_texts(axes: Axes, mark: Texts, *, order: float) -> None:
    side: dict[str, Any] = {
        "right": {"xytext": (3, 2), "ha": "left", "va": "bottom"},
        "above": {"xytext": (0, 3), "ha": "center", "va": "bottom"},
        "below": {"xytext": (0, -3), "ha": "center", "va": "top"},
    }[mark.side]
    axes.plot(finite(mark.x), finite(mark.y), ls="none")  # draws nothing but extends the axes
    for x, y, text in zip(finite(mark.x), finite(mark.y), mark.texts, strict=True):
        axes.annotate(
            shortened(style.plain(text), 14),
            (x, y),
            textcoords="offset points",
            size=style.NOTE,
            zorder=order + 5,  # above the lines, on a white box
            bbox={"fc": style.PAPER, "ec": "none", "alpha": 0.75, "pad": 0.6},
            **side,
        )
