"""The figures of a report: each entry of ``FIGURES`` computes its figures from ``Results``."""

from collections.abc import Callable

from reports.figure import Figure
from reports.load import Results

FigureBuilder = Callable[[Results], tuple[Figure, ...]]

FIGURES: dict[str, FigureBuilder] = {}
"""In the order of a report. A builder returns no figure where a run has nothing to show."""
