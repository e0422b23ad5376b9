"""A figure laid out on a matplotlib canvas, without global state of matplotlib."""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from reports.content.figure import Figure, Panel
from reports.content.mark import Tiles
from reports.render.drawing import fonts, style
from reports.render.drawing.legend import Legend
from reports.render.drawing.panels import categories_height, draw_panel, is_turned

_SETTINGS = {
    "font.size": style.LABEL,
    "text.color": style.INK,
    "text.parse_math": False,  # a $ in a name is a $
    "axes.axisbelow": True,
    "axes.edgecolor": style.INK,
    "axes.facecolor": "none",
    "axes.labelcolor": style.INK,
    "axes.labelsize": style.LABEL,
    "axes.titlesize": style.PANEL_TITLE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-4, 6),
    "grid.color": style.INK,
    "grid.alpha": 0.12,
    "grid.linewidth": 0.6,
    "xtick.labelsize": style.TICK,
    "ytick.labelsize": style.TICK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.solid_capstyle": "round",
    "lines.dash_capstyle": "butt",
    "svg.fonttype": "none",
    "svg.hashsalt": "reports",
}
_HEIGHTS = {1: 3.1, 2: 2.5, 3: 2.1}  # inches of a panel by the panels beside it
_LINE = 1.3  # height of a line of text in its size
_GAP = 0.08  # inches between the parts of a figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure on its canvas; ``axes`` are those of its panels, in order."""

    figure: Figure
    canvas: Canvas
    axes: tuple[Axes, ...]

    def svg(self) -> str:
        """Return the SVG that matplotlib writes, without a background."""
        written = io.StringIO()
        self.canvas.savefig(written, format="svg", facecolor="none", metadata={"Date": None})
        return written.getvalue()

    def png(self, dots_per_inch: int) -> bytes:
        """Return the PNG on white."""
        written = io.BytesIO()
        self.canvas.savefig(
            written,
            format="png",
            dpi=dots_per_inch,
            facecolor=style.PAPER,
            metadata={"Software": None},
        )
        return written.getvalue()


@contextmanager
def composed(figure: Figure, *, captions: bool) -> Iterator[Drawn]:
    """Lay out ``figure``, with title and notes if ``captions``, with our matplotlib settings."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A name may hold characters that no font here has: PNG shows boxes, SVG the characters.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        mpl.rcdefaults()  # a user's matplotlibrc must not change figures
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type]
        mpl.rcParams["font.family"] = fonts.families(figure)
        with fonts.quiet():
            yield _laid_out(figure, captions)


def _laid_out(figure: Figure, captions: bool) -> Drawn:
    series = style.Series(figure)
    legend = Legend(figure, series)
    title, notes = _captions(figure) if captions else ([], [])
    columns = min(figure.columns, len(figure.panels))
    rows = [figure.panels[at : at + columns] for at in range(0, len(figure.panels), columns)]
    heights = [max(_height(panel, columns) for panel in row) for row in rows]
    above = _GAP + _text_height(title, style.TITLE) + legend.height
    below = _text_height(notes, style.NOTE)
    height = above + sum(heights) + below
    canvas = Canvas(figsize=(style.WIDTH, height), dpi=72, layout="constrained")
    _write(canvas, title, size=style.TITLE, top=height - _GAP, weight="bold")
    legend.draw(canvas, height - above + legend.height)
    _write(canvas, notes, size=style.NOTE, top=below - _GAP, alpha=0.75)
    engine = canvas.get_layout_engine()
    if engine is not None:
        rect = (0, below / height, 1, 1 - (above + below) / height)
        engine.set(rect=rect, w_pad=0.05, h_pad=0.05)  # type: ignore[call-arg]
    axes = tuple(_draw_panels(canvas, rows, heights=heights, series=series))
    return Drawn(figure=figure, canvas=canvas, axes=axes)


def _captions(figure: Figure) -> tuple[list[str], list[str]]:
    """Return the lines of the title and of the notes."""
    notes = [line for note in figure.notes for line in style.wrapped(note, 127, lines=6)]
    return style.wrapped(figure.title, 66, lines=3), notes


def _draw_panels(
    canvas: Canvas,
    rows: Sequence[Sequence[Panel]],
    *,
    heights: Sequence[float],
    series: style.Series,
) -> Iterator[Axes]:
    """Draw the panels row by row and yield the axes of each."""
    columns = len(rows[0])
    grid = canvas.add_gridspec(len(rows), columns, height_ratios=heights)
    for place, row in enumerate(rows):
        for column, panel in enumerate(row):
            axes = canvas.add_subplot(grid[place, column])
            draw_panel(axes, panel, series=series, width=style.WIDTH / columns)
            yield axes


def _height(panel: Panel, columns: int) -> float:
    """Return the inches of a panel with its titles and labels."""
    for mark in panel.marks:
        if isinstance(mark, Tiles):
            written = any(text for row in mark.texts for text in row)
            return 1.0 + (0.36 if written else 0.2) * len(mark.values)
    if panel.y.categories:
        return max(1.3, 0.8 + categories_height(panel.y.categories, style.WIDTH / columns))
    turned = 0.5 if is_turned(panel.x.categories, style.WIDTH / columns) else 0.0
    return _HEIGHTS.get(columns, 1.9) + turned


def _text_height(lines: list[str], size: float) -> float:
    return len(lines) * size * _LINE / 72 + (_GAP if lines else 0)


def _write(
    canvas: Canvas,
    lines: list[str],
    *,
    size: float,
    top: float,
    weight: str = "normal",
    alpha: float = 1.0,
) -> None:
    """Write ``lines`` from the left edge downwards, from ``top`` inches above the lower edge."""
    for number, line in enumerate(lines):
        canvas.text(
            0.04,
            top - number * size * _LINE / 72,
            line,
            transform=canvas.dpi_scale_trans,
            size=size,
            weight=weight,
            alpha=alpha,
            va="top",
        )
