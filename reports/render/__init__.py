"""Renders tables: each entry of ``RENDERERS`` turns one ``Table`` into the text of a format."""

from collections.abc import Callable

from reports.content.table import Table
from reports.render.csv import csv_table
from reports.render.html import html_table
from reports.render.latex import latex_table
from reports.render.markdown import markdown_table

Renderer = Callable[[Table], str]

RENDERERS: dict[str, Renderer] = {
    "md": markdown_table,
    "tex": latex_table,
    "html": html_table,
    "csv": csv_table,
}
"""By the format's name, which is also the ending of its files."""
