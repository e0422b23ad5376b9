"""Scores of sentiment predictions."""

from sugrm.metrics.scoring import METRIC_MODES, METRIC_NAMES, score

__all__ = ["METRIC_MODES", "METRIC_NAMES", "score"]
