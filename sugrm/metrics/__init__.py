"""Scores of sentiment predictions."""

from sugrm.metrics.regression import METRIC_MODES, score

__all__ = ["METRIC_MODES", "score"]
