"""The overview of a run: the chosen configuration, its scores, effects, and what to do next."""

from reports.overview.build import overview_of, overview_of_all

__all__ = ["overview_of", "overview_of_all"]
