"""The legend of a figure: one entry for each named series, outside the data."""

from matplotlib.artist import Artist
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Transform

from reports.content.figure import Figure
from reports.content.mark import Band, Bars, Intervals, Line, Look, Mark, Points
from reports.render.drawing import style
from reports.render.drawing.marks import line_look, point_look
from reports.render.names import is_wide, shortened

_SAMPLE, _GAP, _BETWEEN, _ROW = 0.26, 0.06, 0.2, 0.17  # inches
_LONGEST = 44  # characters of an entry


class Legend:
    """The entries of ``figure`` in rows; ``height`` in inches, 0 without a named series."""

    def __init__(self, figure: Figure, series: style.Series) -> None:
        self._marks: dict[str, list[Mark]] = {name: [] for name in series.named}
        for mark in (mark for panel in figure.panels for mark in panel.marks):
            name = getattr(mark, "series", "")
            if name in self._marks:
                self._marks[name].append(mark)
        self._series = series
        self._rows = self._flow(series.named)
        self.height = len(self._rows) * _ROW + (0.06 if self._rows else 0)

    def _flow(self, names: tuple[str, ...]) -> list[list[tuple[float, str, str]]]:
        """Return rows of (left end in inches, series, text)."""
        rows: list[list[tuple[float, str, str]]] = []
        left = style.WIDTH
        for name in names:
            text = shortened(style.plain(name), _LONGEST)
            width = _SAMPLE + _GAP + _text_width(text)
            if left + width > style.WIDTH - 0.04:
                rows.append([])
                left = 0.04
            rows[-1].append((left, name, text))
            left += width + _BETWEEN
        return rows

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw the rows downwards from ``top``, in inches above the canvas's lower edge."""
        for number, row in enumerate(self._rows):
            middle = top - _ROW * (number + 0.5)
            for left, name, text in row:
                move = Affine2D().translate(left, middle) + canvas.dpi_scale_trans
                for sample in _samples(
                    self._marks[name], self._series.named_style(name), move=move
                ):
                    canvas.add_artist(sample)
                canvas.text(
                    left + _SAMPLE + _GAP,
                    middle,
                    text,
                    transform=canvas.dpi_scale_trans,
                    size=style.LABEL,
                    va="center_baseline",
                )


def _samples(marks: list[Mark], look: style.SeriesStyle, *, move: Transform) -> list[Artist]:
    """Return the samples before an entry: one for every kind of mark of the series."""
    samples: list[Artist] = []
    if any(isinstance(mark, Band | Bars) for mark in marks):
        alpha = 1.0 if any(isinstance(mark, Bars) for mark in marks) else 0.3
        box = Rectangle((0, -0.045), _SAMPLE, 0.09, fc=look.colour, alpha=alpha, lw=0)
        samples.append(box)
    lines = [mark for mark in marks if isinstance(mark, Line)]
    if lines:
        strongest = max(lines, key=lambda line: list(_STRENGTH).index(line.look))
        samples.append(Line2D([0, _SAMPLE], [0, 0], **line_look(strongest, look)))
    if any(isinstance(mark, Intervals) for mark in marks):
        samples += [Line2D([0, _SAMPLE], [0, 0], color=look.colour, lw=1.5), _dot(look, 4.5)]
    points = next((mark for mark in marks if isinstance(mark, Points)), None)
    if points is not None:
        samples.append(Line2D([_SAMPLE / 2], [0], **point_look(points, look)))
    if any(line.markers for line in lines):
        samples.append(_dot(look, 4))
    for sample in samples:
        sample.set_transform(move)
    return samples


def _dot(look: style.SeriesStyle, size: float) -> Line2D:
    """Return the marker of a series, ``size`` points wide."""
    return Line2D([_SAMPLE / 2], [0], color=look.colour, ls="none", marker=look.marker, ms=size)


_STRENGTH = (Look.FAINT, Look.NORMAL, Look.STRONG)


def _text_width(text: str) -> float:
    """Return the width of ``text`` in inches; wide characters, which the font lacks, are 1 em."""
    narrow = "".join(character for character in text if not is_wide(character))
    wide = (len(text) - len(narrow)) * style.LABEL / 72
    if not narrow.strip():
        return wide
    font = FontProperties(family="DejaVu Sans")
    return wide + float(TextPath((0, 0), narrow, size=style.LABEL, prop=font).get_extents().x1) / 72
