"""Draws each kind of mark; a new kind is one more case of ``draw_mark``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from reports.content.mark import Band, Bars, Intervals, Line, Look, Mark, Points, Rule, Texts, Tiles
from reports.render.drawing import style

_LINES = {Look.FAINT: (0.7, 0.32), Look.NORMAL: (1.3, 1.0), Look.STRONG: (1.8, 1.0)}
POINTS = {Look.FAINT: (3.2, 0.6), Look.NORMAL: (4.4, 1.0), Look.STRONG: (6.2, 1.0)}
"""Size in points and opacity: a faint point has a contrast of 3:1 on a dark page."""
_EDGE = 0.4  # points: white edge that separates a point from one below
_BANDS = {Look.FAINT: 0.16, Look.NORMAL: 0.28, Look.STRONG: 0.5}
_SIGNS = {"circle": "o", "square": "s", "cross": "x", "diamond": "D"}
_GROWING = LinearSegmentedColormap.from_list("growing", ["#edf3f9", "#6aa3d0", "#0b3c78"])
_DIVERGING = LinearSegmentedColormap.from_list("diverging", ["#a8430c", "#f5f3f0", "#0b5490"])
_ON_DARK, _ON_LIGHT = "#fdfdfd", "#0f1215"


def draw_mark(axes: Axes, mark: Mark, *, look: style.SeriesStyle, order: float) -> None:
    """Draw ``mark`` in data coordinates; ``order`` puts it above those of lower order."""
    match mark:
        case Line():
            axes.plot(_finite(mark.x), _finite(mark.y), **line_look(mark, look), zorder=order)
            if mark.markers:
                points = Points(x=mark.x, y=mark.y, look=mark.look)
                signs = point_look(points, look) | {"marker": look.marker, "ms": 3.6}
                axes.plot(_finite(mark.x), _finite(mark.y), **signs, zorder=order)
        case Points():
            axes.plot(_finite(mark.x), _finite(mark.y), **point_look(mark, look), zorder=order)
        case Intervals():
            _draw_intervals(axes, mark, look=look, order=order)
        case Band():
            axes.fill_between(
                _finite(mark.x),
                _finite(mark.low),
                _finite(mark.high),
                color=look.colour,
                alpha=_BANDS[mark.look],
                lw=0,
                zorder=order,
            )
        case Bars():
            _draw_bars(axes, mark, look=look, order=order)
        case Tiles():
            _draw_tiles(axes, mark, order=order)
        case Rule():
            _draw_rule(axes, mark, order=order)
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


def _finite(values: Sequence[float]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return ``values`` with NaN instead of infinity, which an axis cannot show."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def _draw_intervals(axes: Axes, mark: Intervals, *, look: style.SeriesStyle, order: float) -> None:
    x, y = _finite(mark.x), _finite(mark.y)
    centre = x if mark.horizontal else y
    # Without a known end, that half of the interval is not drawn.
    low, high = (
        np.where(np.isnan(end), centre, end) for end in (_finite(mark.low), _finite(mark.high))
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
    places, lengths = _finite(mark.positions), _finite(mark.lengths)
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


def _draw_tiles(axes: Axes, mark: Tiles, *, order: float) -> None:
    values = np.asarray([_finite(row) for row in mark.values])
    known = values[~np.isnan(values)]
    has_signs = bool((known < 0).any())
    span = float(np.abs(known).max()) if known.size and np.abs(known).max() > 0 else 1.0
    colours = _DIVERGING if has_signs else _GROWING
    for row, column in np.ndindex(*values.shape):
        value = values[row, column]
        share = (value / span + 1) / 2 if has_signs else value / span
        is_known = not np.isnan(value)
        face: Any = colours(float(share)) if is_known else "none"
        axes.add_patch(
            Rectangle(
                (column - 0.48, row - 0.46),
                0.96,
                0.92,
                fc=face,
                ec="none" if is_known else (style.INK, 0.3),
                lw=0.6,
                zorder=order,
            )
        )
        axes.text(
            column,
            row,
            "\n".join(style.wrapped(mark.texts[row][column], 14, lines=2)),
            color=_on(face) if is_known else style.INK,
            size=style.TICK,
            ha="center",
            va="center_baseline",
            zorder=order + 0.0005,
        )
    axes.set_xlim(-0.5, values.shape[1] - 0.5)
    axes.set_ylim(-0.5, values.shape[0] - 0.5)


def _on(face: Sequence[float]) -> str:
    """Return the text colour of greater contrast on ``face`` (relative luminance of WCAG 2)."""
    channels = np.asarray(face[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return _ON_LIGHT if luminance > 0.18 else _ON_DARK


def _draw_rule(axes: Axes, mark: Rule, *, order: float) -> None:
    line: dict[str, Any] = {"color": style.INK, "lw": 0.8, "alpha": 0.6, "ls": (0, (3, 2))}
    if mark.x is not None:
        axes.axvline(mark.x, **line, zorder=order)
    if mark.y is not None:
        axes.axhline(mark.y, **line, zorder=order)
    if mark.diagonal:
        axes.axline((0, 0), (1, 1), **line, zorder=order)


def _draw_texts(axes: Axes, mark: Texts, *, order: float) -> None:
    side: dict[str, Any] = {
        "right": {"xytext": (3, 2), "ha": "left", "va": "bottom"},
        "above": {"xytext": (0, 3), "ha": "center", "va": "bottom"},
        "below": {"xytext": (0, -3), "ha": "center", "va": "top"},
    }[mark.side]
    axes.plot(_finite(mark.x), _finite(mark.y), ls="none")  # draws nothing but extends the axes
    for x, y, text in zip(_finite(mark.x), _finite(mark.y), mark.texts, strict=True):
        axes.annotate(
            style.shortened(style.plain(text), 14),
            (x, y),
            textcoords="offset points",
            size=style.NOTE,
            zorder=order + 5,  # above the lines, on a white box
            bbox={"fc": style.PAPER, "ec": "none", "alpha": 0.75, "pad": 0.6},
            **side,
        )


def draw_rule_text(axes: Axes, mark: Mark, *, order: float) -> None:
    """Write a rule's text at its end, outside the data; the axes must have their limits."""
    if not isinstance(mark, Rule) or not mark.text:
        return
    small: dict[str, Any] = {"size": style.NOTE, "alpha": 0.8, "zorder": order}
    text = style.shortened(style.plain(mark.text), 28)
    if mark.x is not None and _within(mark.x, axes.get_xlim()):
        axes.annotate(
            text,
            (mark.x, 1),
            (0, 2),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            **small,
        )
    if mark.y is not None and _within(mark.y, axes.get_ylim()):
        axes.annotate(
            "\n".join(style.wrapped(mark.text, 14, lines=2)),
            (1, mark.y),
            (3, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            **small,
        )
    if mark.diagonal:
        end = min(max(axes.get_xlim()), max(axes.get_ylim()))
        axes.annotate(
            text, (end, end), (-16, -1), textcoords="offset points", ha="right", va="top", **small
        )


def top_texts(marks: Sequence[Mark]) -> bool:
    """Return whether a rule writes above the axes."""
    return any(isinstance(mark, Rule) and mark.x is not None and mark.text for mark in marks)


def _within(value: float, ends: tuple[float, float]) -> bool:
    return min(ends) <= value <= max(ends)
