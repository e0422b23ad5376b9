"""Statistics over seeds and over utterances, as pure functions of numbers."""

from reports.statistics.summaries import (
    CONFIDENCE,
    Summary,
    best_index,
    paired_difference,
    summarise,
    t_quantile,
)

__all__ = [
    "CONFIDENCE",
    "Summary",
    "best_index",
    "paired_difference",
    "summarise",
    "t_quantile",
]
