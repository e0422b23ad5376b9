"""Draws a matrix of tiles with their texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from reports.content.mark import Tiles
from reports.render.drawing import style
from reports.render.drawing.values import Numbers, finite

_GROWING = LinearSegmentedColormap.from_list("growing", ["#edf3f9", "#6aa3d0", "#0b3c78"])
_DIVERGING = LinearSegmentedColormap.from_list("diverging", ["#a8430c", "#f5f3f0", "#0b5490"])
_ON_DARK, _ON_LIGHT = "#fdfdfd", "#0f1215"


def draw_tiles(axes: Axes, mark: Tiles, *, order: float) -> None:
    """Draw ``mark``, coloured by value; tiles without a finite value have no colour."""
    values = np.asarray([finite(row) for row in mark.values])
    shares, colours = _shares(values)
    for row, column in np.ndindex(*values.shape):
        share = shares[row, column]
        face = None if np.isnan(share) else colours(float(share))
        _draw_tile(axes, (column, row), face=face, order=order)
        axes.text(
            column,
            row,
            "\n".join(style.wrapped(mark.texts[row][column], 14, lines=2)),
            color=style.INK if face is None else _on(face),
            size=style.TICK,
            ha="center",
            va="center_baseline",
            zorder=order + 0.0005,
        )
    axes.set_xlim(-0.5, values.shape[1] - 0.5)
    axes.set_ylim(-0.5, values.shape[0] - 0.5)


def _shares(values: Numbers) -> tuple[Numbers, LinearSegmentedColormap]:
    """Return the place of each value on a colour scale, 0 to 1, and that scale."""
    known = values[~np.isnan(values)]
    span = float(np.abs(known).max()) if known.size and np.abs(known).max() > 0 else 1.0
    if (known < 0).any():
        return (values / span + 1) / 2, _DIVERGING
    return values / span, _GROWING


def _draw_tile(
    axes: Axes, place: tuple[int, int], *, face: Sequence[float] | None, order: float
) -> None:
    """Draw one tile; without a ``face`` only its edge."""
    colours: dict[str, Any] = {"fc": face, "ec": "none"}
    if face is None:
        colours = {"fc": "none", "ec": (style.INK, 0.3)}
    corner = (place[0] - 0.48, place[1] - 0.46)
    axes.add_patch(Rectangle(corner, 0.96, 0.92, **colours, lw=0.6, zorder=order))


def _on(face: Sequence[float]) -> str:
    """Return the text colour of greater contrast on ``face`` (relative luminance of WCAG 2)."""
    channels = np.asarray(face[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return _ON_LIGHT if luminance > 0.18 else _ON_DARK
