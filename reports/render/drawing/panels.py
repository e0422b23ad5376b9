"""Draws one panel: its axes with scales, ticks and titles, and its marks in their order."""

import math
from collections.abc import Iterator, Sequence

from matplotlib import ticker
from matplotlib.axes import Axes

from reports.content.figure import Axis, Panel
from reports.content.mark import Band, Bars, Intervals, Line, Mark, Points, Texts, Tiles
from reports.render.drawing import style
from reports.render.drawing.marks import draw_mark
from reports.render.drawing.rules import draw_rule_text, top_texts
from reports.render.names import shortened

_CHARACTER = style.TICK * 0.6 / 72  # inches, about
_TITLE_CHARACTER = style.LABEL * 0.6 / 72
_TICK_ROOM = 0.5  # inches
_DIGITS = ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3))  # of the labels of a logarithmic axis
_TICKS = 40  # most categories with a label


def draw_panel(axes: Axes, panel: Panel, *, series: style.Series, width: float) -> None:
    """Draw ``panel`` into ``axes``; ``width`` is that of the axes with their labels, in inches."""
    is_matrix = any(isinstance(mark, Tiles) for mark in panel.marks)
    values = [list(_values(panel, along_x)) for along_x in (True, False)]
    _set_scales(axes, panel, values=values)
    axes.margins(0.03, 0.07)
    for place, mark in enumerate(panel.marks):
        draw_mark(axes, mark, look=series.style(mark), order=3 + place / 1000)
    for axis, along_x in ((panel.x, True), (panel.y, False)):
        _limit(axes, axis, along_x=along_x, reverse=axis.reverse or (is_matrix and not along_x))
        _label(axes, axis, along_x=along_x, width=width, values=values[not along_x])
    _set_frame(axes, panel, is_matrix=is_matrix)
    for place, mark in enumerate(panel.marks):
        draw_rule_text(axes, mark, order=3 + place / 1000)
    title = "\n".join(style.wrapped(panel.title, max(12, int(width / _CHARACTER / 1.3)), lines=2))
    axes.set_title(title, pad=16 if top_texts(panel.marks) else None)
    if not any(map(_has_data, panel.marks)):
        _say_no_data(axes, values)


def _set_scales(axes: Axes, panel: Panel, *, values: Sequence[Sequence[float]]) -> None:
    """Make an axis logarithmic that is to be and has a value above 0."""
    for name, axis, found in zip("xy", (panel.x, panel.y), values, strict=True):
        if axis.log and any(value > 0 for value in found):
            axes.set(**{f"{name}scale": "log"})


def _set_frame(axes: Axes, panel: Panel, *, is_matrix: bool) -> None:
    """Remove the frame that a bare axis or a matrix does not have."""
    if panel.y.bare:
        axes.spines["bottom"].set_visible(False)
    if is_matrix:
        axes.spines[:].set_visible(False)
        axes.grid(False)
    axes.spines[:].set_alpha(0.5)


def _say_no_data(axes: Axes, values: Sequence[Sequence[float]]) -> None:
    """Write "no data" in the middle, and remove the scales that matplotlib invents."""
    axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", alpha=0.75)
    for drawn, found in zip((axes.xaxis, axes.yaxis), values, strict=True):
        if not found:
            drawn.set_ticks([])


def _has_data(mark: Mark) -> bool:
    """Return whether a mark has a point with two known coordinates."""
    match mark:
        case Line() | Points() | Intervals() | Texts():
            places = list(zip(mark.x, mark.y, strict=True))
        case Band():
            places = [*zip(mark.x, mark.low, strict=True), *zip(mark.x, mark.high, strict=True)]
        case Bars():
            places = list(zip(mark.positions, mark.lengths, strict=True))
        case _:
            return isinstance(mark, Tiles)
    return any(math.isfinite(x) and math.isfinite(y) for x, y in places)


def _values(panel: Panel, along_x: bool) -> Iterator[float]:
    """Yield the finite numbers of the marks along an axis."""
    for mark in panel.marks:
        yield from (value for value in _along(mark, along_x) if math.isfinite(value))


def _along(mark: Mark, along_x: bool) -> Sequence[float]:
    match mark:
        case Line() | Points() | Texts():
            return mark.x if along_x else mark.y
        case Intervals():
            own = mark.x if along_x else mark.y
            return [*own, *mark.low, *mark.high] if mark.horizontal is along_x else own
        case Band():
            return mark.x if along_x else [*mark.low, *mark.high]
        case Bars():
            return mark.lengths if mark.horizontal is along_x else mark.positions
        case _:
            return ()


def _limit(axes: Axes, axis: Axis, *, along_x: bool, reverse: bool) -> None:
    """Set the given limits of an axis; with categories they lie half a place outside."""
    low, high = axes.get_xlim() if along_x else axes.get_ylim()
    if axis.categories:
        low, high = -0.5, len(axis.categories) - 0.5
    is_log = (axes.get_xscale() if along_x else axes.get_yscale()) == "log"
    low = axis.low if axis.low is not None and not (is_log and axis.low <= 0) else low
    high = axis.high if axis.high is not None and not (is_log and axis.high <= 0) else high
    if not low < high:  # one value, or contradictory limits
        low, high = (low / 2, low * 2) if is_log else (low - 0.5, low + 0.5)
    set_limits = axes.set_xlim if along_x else axes.set_ylim
    set_limits(*((high, low) if reverse else (low, high)))


def _label(axes: Axes, axis: Axis, *, along_x: bool, width: float, values: Sequence[float]) -> None:
    """Write ticks, grid and title of an axis."""
    drawn = axes.xaxis if along_x else axes.yaxis
    if axis.categories:
        _label_categories(axes, axis.categories, along_x=along_x, width=width)
        drawn.grid(False)
    elif axis.bare:
        drawn.set_ticks([])
        axes.spines["bottom" if along_x else "left"].set_visible(False)
    else:
        drawn.grid(True)
        _choose_ticks(axes, along_x, width=width, values=values)
    drawn.set_tick_params(labelcolor=style.INK, pad=3)
    room = int((width - _TICK_ROOM) / _TITLE_CHARACTER)  # room for the tick labels
    title = "\n".join(style.wrapped(axis.title, max(14, room), lines=2))
    drawn.set_label_text(title, alpha=0.9)


def _choose_ticks(axes: Axes, along_x: bool, *, width: float, values: Sequence[float]) -> None:
    drawn = axes.xaxis if along_x else axes.yaxis
    count = max(3, int(width * 1.3)) if along_x else 6
    if drawn.get_scale() == "log":
        low, high = sorted(axes.get_xlim() if along_x else axes.get_ylim())
        decades = math.log10(high / low)
        room = width / 0.65 if along_x else 7.0
        digits = next((each for each in _DIGITS if len(each) * decades <= room), (1,))
        drawn.set_major_locator(ticker.LogLocator(subs=digits, numticks=max(count, 5)))
        drawn.set_major_formatter(ticker.FuncFormatter(lambda value, _: _power(value)))
        drawn.set_minor_formatter(ticker.NullFormatter())
        return
    if not 1e-4 <= max(map(abs, drawn.get_view_interval())) < 1e6:
        drawn.set_major_formatter(ticker.FuncFormatter(lambda value, _: _power(value)))
    whole = bool(values) and all(float(value).is_integer() for value in values)
    steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    drawn.set_major_locator(ticker.MaxNLocator(count, steps=steps, integer=whole))


def _power(value: float) -> str:
    """Return a tick label of a logarithmic axis, or of one with very large or small numbers.

    >>> _power(1e-5), _power(0.02)
    ('1e-5', '0.02')
    """
    return f"{value:g}".replace("e-0", "e-").replace("e+0", "e")


def _label_categories(axes: Axes, names: Sequence[str], *, along_x: bool, width: float) -> None:
    """Write the categories: wrapped if there is room, else turned and shortened."""
    step = -(-len(names) // _TICKS)
    places = range(0, len(names), step)
    if not along_x:
        axes.set_yticks(places, ["\n".join(_beside(names[at], width)) for at in places])
        return
    if is_turned(names, width):
        short = [shortened(style.plain(names[at]), 22) for at in places]
        axes.set_xticks(places, short, rotation=35, ha="right", rotation_mode="anchor")
    else:
        lines = ["\n".join(style.wrapped(names[at], _room(names, width), lines=2)) for at in places]
        axes.set_xticks(places, lines)


def categories_height(names: Sequence[str], width: float) -> float:
    """Return the inches of categories along the vertical axis, each of one or two lines."""
    wrap = any(len(_beside(name, width)) > 1 for name in names)
    most, each = (_TICKS * 0.3, 0.3) if wrap else (8.2, 0.25)
    return min(most, each * len(names))


def _beside(name: str, width: float) -> list[str]:
    """Return the lines of a category that is written to the left of the vertical axis."""
    return style.wrapped(name, max(12, int(0.32 * width / _CHARACTER)), lines=2)


def is_turned(names: Sequence[str], width: float) -> bool:
    """Return whether categories do not fit side by side under ``width`` inches in two lines."""
    room = _room(names, width)
    return any(
        len(lines) > 2 or style.plain(name).split() != " ".join(lines).split()
        for name in names
        for lines in [style.wrapped(name, room, lines=len(name) + 1)]
    )


def _room(names: Sequence[str], width: float) -> int:
    """Return the number of characters of a line below a category with a name."""
    shown = max(1, min(sum(map(bool, names)), _TICKS))
    return max(1, int((width - 0.7) / shown / _CHARACTER) - 1)
