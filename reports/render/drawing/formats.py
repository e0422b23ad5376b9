"""A figure as SVG file, as PNG file and as SVG inside a page: the same bytes for the same data."""

import logging

from reports.content.figure import Figure

logger = logging.getLogger(__name__)

_DOTS_PER_INCH = 200


def draw_svg(figure: Figure) -> str:
    """Return ``figure`` as an SVG file with its title, legend and notes; text stays text."""
    from reports.render.drawing.canvas import composed
    from reports.render.drawing.vector import svg_file

    with composed(figure, captions=True) as drawn:
        return svg_file(figure, drawn.svg())


def draw_png(figure: Figure) -> bytes:
    """Return ``figure`` as a PNG file, 1300 pixels wide, with its title, legend and notes.

    A character that no font of this machine has becomes a box, and a logged warning says so.
    """
    from reports.render.drawing.canvas import composed
    from reports.render.drawing.fonts import lacking

    if boxes := lacking(figure):
        logger.warning(
            "no font of this machine has %s: boxes in the PNG of figure %r; install one, such as "
            "Noto Sans CJK, or take its SVG",
            boxes if len(boxes) <= 20 else f"{boxes[:20]}…",
            figure.name,
        )

    with composed(figure, captions=True) as drawn:
        return drawn.png(_DOTS_PER_INCH)


def draw_inline_svg(figure: Figure) -> str:
    """Return ``figure`` as an ``<svg>`` element for a page; title and notes are the page's to show.

    Text and axes have the page's ``color``; series have the variables ``--series-1``,
    ``--series-2``, ..., and what lies under a text on lines ``--paper``, where the page sets them.
    Above each point, bar or tile with a hover text lies an invisible element of its own with the
    attribute ``data-hover``.
    """
    from reports.render.drawing.canvas import composed
    from reports.render.drawing.hover import targets
    from reports.render.drawing.vector import inline_svg

    with composed(figure, captions=False) as drawn:
        source = drawn.svg()
        return inline_svg(figure, source, targets(drawn))
