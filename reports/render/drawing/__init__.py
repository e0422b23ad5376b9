"""Draws any ``reports.content.figure.Figure`` with matplotlib: one routine for several formats."""

from reports.render.drawing.formats import draw_inline_svg, draw_png, draw_svg

__all__ = ["draw_inline_svg", "draw_png", "draw_svg"]
