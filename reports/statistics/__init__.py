"""Statistics over seeds and over utterances, as pure functions of numbers."""

from reports.statistics.bootstrap import RESAMPLES
from reports.statistics.bootstrap_mean import bootstrap_mean
from reports.statistics.classes import (
    BOTH_WAYS,
    SIMS_BORDERS,
    WAYS,
    Kind,
    clipped,
    correct,
    interval_classes,
)
from reports.statistics.holm import holm_adjusted
from reports.statistics.mcnemar import McNemar, mcnemar_test
from reports.statistics.paired import (
    LEAST_PAIRS,
    MOST_EXACT_PAIRS,
    SIGN_CHANGES,
    PairedTest,
    effect_size,
    paired_test,
    sign_flip_p,
)
from reports.statistics.planning import (
    ALPHA,
    ONE_TEST_PAIRS,
    paired_power,
    pairs_needed,
    smallest_p,
    smallest_pairs,
)
from reports.statistics.resampled import SCORES
from reports.statistics.summaries import (
    CONFIDENCE,
    INTERVAL_SEEDS,
    VERDICT_SEEDS,
    Summary,
    best_index,
    summarise,
    t_quantile,
)
from reports.statistics.utterance_scores import score_intervals
from reports.statistics.welch import WelchTest, welch_test

__all__ = [
    "ALPHA",
    "BOTH_WAYS",
    "CONFIDENCE",
    "INTERVAL_SEEDS",
    "LEAST_PAIRS",
    "MOST_EXACT_PAIRS",
    "ONE_TEST_PAIRS",
    "RESAMPLES",
    "SCORES",
    "SIGN_CHANGES",
    "SIMS_BORDERS",
    "VERDICT_SEEDS",
    "WAYS",
    "Kind",
    "McNemar",
    "PairedTest",
    "Summary",
    "WelchTest",
    "best_index",
    "bootstrap_mean",
    "clipped",
    "correct",
    "effect_size",
    "holm_adjusted",
    "interval_classes",
    "mcnemar_test",
    "paired_power",
    "paired_test",
    "pairs_needed",
    "score_intervals",
    "sign_flip_p",
    "smallest_p",
    "smallest_pairs",
    "summarise",
    "t_quantile",
    "welch_test",
]
