"""A figure as SVG file, PNG file or SVG element of a page; equal data give equal bytes."""

import logging

from reports.content.figure import Figure

logger = logging.getLogger(__name__)

_DOTS_PER_INCH = 200


def draw_svg(figure: Figure) -> str:
    """Return ``figure`` as an SVG file with title, legend and notes; its text can be selected."""
    from reports.render.drawing.canvas import composed
    from reports.render.drawing.vector import svg_file

    with composed(figure, captions=True) as drawn:
        return svg_file(figure, drawn.svg())


def draw_png(figure: Figure) -> bytes:
    """Return ``figure`` as a PNG file, 1300 pixels wide, with its title, legend and notes.

    A character that no installed font has becomes a box, and a warning is logged.
    """
    from reports.render.drawing.canvas import composed
    from reports.render.drawing.fonts import lacking

    if boxes := lacking(figure):
        logger.warning(
            "no installed font has %s: the PNG of figure %r shows boxes; install a font, such as "
            "Noto Sans CJK, or use its SVG",
            boxes if len(boxes) <= 20 else f"{boxes[:20]}…",
            figure.name,
        )

    with composed(figure, captions=True) as drawn:
        return drawn.png(_DOTS_PER_INCH)


def draw_inline_svg(figure: Figure) -> str:
    """Return ``figure`` as an ``<svg>`` element for a page, without title and notes.

    Text and axes use the page's ``color``. Series use the variables ``--series-1``,
    ``--series-2``, ..., and the boxes under texts on lines use ``--paper``, if the page sets them.
    Each point, bar or tile with a hover text has an invisible element above it with the attribute
    ``data-hover``.
    """
    from reports.render.drawing.canvas import composed
    from reports.render.drawing.hover import targets
    from reports.render.drawing.vector import inline_svg

    with composed(figure, captions=False) as drawn:
        source = drawn.svg()
        return inline_svg(figure, source, targets=targets(drawn))
