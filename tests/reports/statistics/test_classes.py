import math

import numpy as np
import pytest

from reports.statistics import SIMS_BORDERS, WAYS, clipped, correct, interval_classes
from sugrm.metrics import score

WHICH = [(kind, way) for kind, ways in WAYS.items() for way in ways]


@pytest.mark.parametrize(("kind", "way"), WHICH)
def test_what_is_right_makes_up_the_accuracy(kind, way):
    generator = np.random.default_rng(1)
    labels = generator.integers(-5, 6, 100) / 5
    predictions = labels + generator.normal(0, 0.5, 100)
    expected = score(predictions, labels, metrics=kind)[f"acc2_{way}"]
    assert correct(predictions, labels, way=way).mean() == pytest.approx(expected)


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match=r"got way 'both'; expected one of negative_.*, sims"):
        correct(np.zeros(2), np.zeros(2), way="both")


@pytest.mark.parametrize(
    ("metric", "classes"),
    [("acc3_sims", [0, 0, 0, 1, 1, 2, 2]), ("acc5_sims", [0, 0, 1, 2, 2, 3, 4])],
)
def test_a_value_on_a_border_is_in_the_class_below_it(metric, classes):
    """Also a float32 label read as float64, which is not the same number as the border."""
    values = [-1.0, -0.7, -0.1, 0.0, 0.1, 0.7, 0.71]
    for kind in (np.float64, np.float32):
        rounded = np.array(values, dtype=kind).astype(np.float64)
        assert interval_classes(rounded, SIMS_BORDERS[metric]).tolist() == classes


def test_only_scores_of_sims_clip_and_they_keep_what_is_no_number():
    values = np.array([-2.0, 0.5, 1.5, math.nan, math.inf])
    assert clipped(values, "sims").tolist()[:3] == [-1.0, 0.5, 1.0]
    assert not np.isfinite(clipped(values, "sims")[3:]).any()
    for kind in ("mosi", "regression"):
        assert clipped(values, kind) is values
