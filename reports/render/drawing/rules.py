"""Draws reference lines and their texts."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from reports.content.mark import Mark, Rule
from reports.render.drawing import style
from reports.render.names import shortened

_ABOVE: dict[str, Any] = {"xytext": (0, 2), "ha": "center"}
_BESIDE: dict[str, Any] = {"xytext": (3, 0), "va": "center"}
_IN_CORNER: dict[str, Any] = {"xytext": (-16, -1), "ha": "right", "va": "top"}


def draw_rule(axes: Axes, mark: Rule, *, order: float) -> None:
    """Draw the line of ``mark`` across the panel."""
    line: dict[str, Any] = {"color": style.INK, "lw": 0.8, "alpha": 0.6, "ls": (0, (3, 2))}
    if mark.x is not None:
        axes.axvline(mark.x, **line, zorder=order)
    if mark.y is not None:
        axes.axhline(mark.y, **line, zorder=order)
    if mark.diagonal:
        axes.axline((0, 0), (1, 1), **line, zorder=order)


def draw_rule_text(axes: Axes, mark: Mark, *, order: float) -> None:
    """Write a rule's text at its end, outside the data; the axes must have their limits."""
    if not isinstance(mark, Rule) or not mark.text:
        return
    small: dict[str, Any] = {"size": style.NOTE, "alpha": 0.8, "zorder": order}
    small["textcoords"] = "offset points"
    text = shortened(style.plain(mark.text), 28)
    if mark.x is not None and _within(mark.x, axes.get_xlim()):
        transform = axes.get_xaxis_transform()
        axes.annotate(text, (mark.x, 1), xycoords=transform, **_ABOVE, **small)
    if mark.y is not None and _within(mark.y, axes.get_ylim()):
        lines = "\n".join(style.wrapped(mark.text, 14, lines=2))
        transform = axes.get_yaxis_transform()
        axes.annotate(lines, (1, mark.y), xycoords=transform, **_BESIDE, **small)
    if mark.diagonal:
        end = min(max(axes.get_xlim()), max(axes.get_ylim()))
        axes.annotate(text, (end, end), **_IN_CORNER, **small)


def top_texts(marks: Sequence[Mark]) -> bool:
    """Return whether a rule writes above the axes."""
    return any(isinstance(mark, Rule) and mark.x is not None and mark.text for mark in marks)


def _within(value: float, ends: tuple[float, float]) -> bool:
    return min(ends) <= value <= max(ends)
