"""The metrics of CH-SIMS, against a slow loop over what MMSA's evaluation does."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sugrm.metrics import METRIC_NAMES, score

BORDERS = {
    "acc2_sims": (-1.01, 0.0, 1.01),
    "acc3_sims": (-1.01, -0.1, 0.1, 1.01),
    "acc5_sims": (-1.01, -0.7, -0.1, 0.1, 0.7, 1.01),
}
ON_BORDERS = [-1.01, -1.0, -0.7, -0.1, -0.0, 0.0, 0.1, 0.7, 1.0, 1.01]
GRID = [round(0.2 * step, 1) for step in range(-5, 6)]


def vectors(kind):
    values = st.sampled_from(ON_BORDERS + GRID) | st.floats(-1.5, 1.5, width=32)
    return st.integers(2, 24).flatmap(
        lambda count: st.tuples(
            arrays.arrays(kind, count, elements=values.map(kind)),
            arrays.arrays(kind, count, elements=values.map(kind)),
        )
    )


def clipped(values):
    return [max(-1.0, min(1.0, value)) for value in values]


def class_of(value, borders, kind):
    """The one class whose interval, open at the left, holds the value."""
    found = [
        place
        for place in range(len(borders) - 1)
        if value > kind(borders[place]) and value <= kind(borders[place + 1])
    ]
    assert len(found) == 1
    return found[0]


def slow_scores(predicted, labels, kind):
    said, true = ([kind(v) for v in clipped(values)] for values in (predicted, labels))
    found = {"mae": sum(abs(float(s) - float(t)) for s, t in zip(said, true, strict=True))}
    found["mae"] /= len(true)
    for name, borders in BORDERS.items():
        classes = [[class_of(v, borders, kind) for v in values] for values in (said, true)]
        hits = sum(s == t for s, t in zip(*classes, strict=True))
        found[name] = hits / len(true)
        if name == "acc2_sims":
            found["f1_sims"] = sklearn.metrics.f1_score(
                classes[1], classes[0], average="weighted", zero_division=0
            )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_scores_equal_a_slow_loop_over_mmsa_s_classes(kind):
    @given(vectors(kind))
    def holds(pair):
        scores = score(*pair, metrics="sims")
        assert tuple(scores) == METRIC_NAMES["sims"][1:]
        for name, expected in slow_scores(*pair, kind).items():
            assert scores[name] == pytest.approx(expected), name

    holds()


@pytest.mark.parametrize(
    ("value", "three", "five"),
    [
        (-1.0, 0, 0),
        (-0.7, 0, 0),
        (-0.69, 0, 1),
        (-0.1, 0, 1),
        (-0.09, 1, 2),
        (0.0, 1, 2),
        (0.1, 1, 2),
        (0.11, 2, 3),
        (0.7, 2, 3),
        (0.71, 2, 4),
        (7.0, 2, 4),
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_class_holds_its_upper_border_and_not_its_lower_one(kind, value, three, five):
    middles = {3: [-0.5, 0.05, 0.5], 5: [-0.9, -0.4, 0.05, 0.4, 0.9]}
    for count, expected in ((3, three), (5, five)):
        labels = np.array(middles[count], kind)
        scores = score(np.full(count, value, kind), labels, metrics="sims")
        hit = [
            score(np.full(1, value, kind), labels[i : i + 1], metrics="sims") for i in range(count)
        ]
        assert scores[f"acc{count}_sims"] == pytest.approx(1 / count)
        assert [one[f"acc{count}_sims"] for one in hit].index(1.0) == expected


def test_an_example_scored_by_hand():
    """Four utterances; the third prediction counts as 1.

    label      -0.8  -0.2   0.6   1.0
    predicted  -0.6   0.2   3.0   0.8
    error       0.2   0.4   0.4   0.2    sum 1.2, mean 0.3
    <= 0 hit     y     n     y     y     3 of 4
    three      - -   - +   + +   + +     3 of 4
    five      0, 1  1, 3  3, 4  4, 4     1 of 4
    F1: class at most 0: true 2, said 1, hit 1: 2/3; above 0: true 2, said 3, hit 2: 4/5; weighted
    1/2 * 2/3 + 1/2 * 4/5 = 11/15.
    """
    labels = np.float32([-0.8, -0.2, 0.6, 1.0])
    scores = score(np.float32([-0.6, 0.2, 3.0, 0.8]), labels, metrics="sims")
    assert scores["mae"] == pytest.approx(0.3)
    assert (scores["acc2_sims"], scores["acc3_sims"], scores["acc5_sims"]) == (0.75, 0.75, 0.25)
    assert scores["f1_sims"] == pytest.approx(11 / 15)


def test_correlation_is_that_of_the_clipped_predictions():
    labels, predicted = np.float32([-0.8, 0.2, 0.4, 1.0]), np.float32([-9.0, 0.1, 0.9, 4.0])
    expected = scipy.stats.pearsonr(np.clip(predicted, -1, 1), labels).statistic
    assert score(predicted, labels, metrics="sims")["corr"] == pytest.approx(expected)
