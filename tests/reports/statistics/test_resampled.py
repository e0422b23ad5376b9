import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error

from reports.statistics.resampled import SCORES, counts_of, scores_of, summands
from sugrm.metrics import score

MOSI = SCORES["mosi"]
tenths = st.integers(-15, 15).map(lambda n: n / 10)
thirds = st.integers(-9, 9).map(lambda n: n / 3)


def scored(predictions, labels, chosen=None, kind="mosi"):
    """Return the scores by name of one system on the chosen utterances, all when None."""
    predictions, labels = np.array([predictions]), np.array(labels)
    chosen = np.arange(len(labels)) if chosen is None else np.array(chosen)
    terms = summands(predictions, labels, kind=kind)
    sums = np.tensordot(counts_of(chosen[None], len(labels)), terms, axes=1)
    return dict(zip(SCORES[kind], scores_of(sums, len(chosen), kind=kind)[0, :, 0], strict=True))


def system(count, seed=1):
    generator = np.random.default_rng(seed)
    labels = generator.integers(-9, 10, count) / 3
    return labels + generator.normal(size=count), labels


def test_counts_say_how_often_each_utterance_was_drawn():
    counts = counts_of(np.array([[0, 2, 2], [1, 1, 1]]), 4)
    assert counts.tolist() == [[1, 0, 2, 0], [0, 3, 0, 0]]


@pytest.mark.slow
@given(st.lists(st.tuples(thirds, thirds), min_size=1, max_size=12))
def test_scores_are_those_of_the_model_package(pairs):
    """Also of constant systems, of labels that are all 0 and of classes that do not occur."""
    predictions, labels = (np.array(values) for values in zip(*pairs, strict=True))
    expected = score(predictions, labels)
    found = scored(predictions, labels)
    assert found == pytest.approx({name: expected[name] for name in MOSI}, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sims", "regression"])
@given(st.lists(st.tuples(tenths, tenths), min_size=1, max_size=12))
def test_scores_of_the_other_kinds_are_those_of_the_model_package_too(kind, pairs):
    """Many values are on a border of CH-SIMS, some beyond [-1, 1]."""
    predictions, labels = (np.array(values) for values in zip(*pairs, strict=True))
    expected = score(predictions, labels, metrics=kind)
    found = scored(predictions, labels, kind=kind)
    assert found == pytest.approx({name: expected[name] for name in SCORES[kind]}, nan_ok=True)


def test_scores_are_those_of_sklearn_and_numpy():
    predictions, labels = system(200)
    found, signed = scored(predictions, labels), labels != 0
    assert found["mae"] == pytest.approx(mean_absolute_error(labels, predictions))
    assert found["corr"] == pytest.approx(np.corrcoef(labels, predictions)[0, 1])
    classes = {
        "negative_nonnegative": (labels >= 0, predictions >= 0),
        "negative_positive": (labels[signed] > 0, predictions[signed] > 0),
    }
    for way, (true, predicted) in classes.items():
        assert found[f"acc2_{way}"] == pytest.approx(accuracy_score(true, predicted))
        f1 = f1_score(true, predicted, average="weighted")
        assert found[f"f1_{way}"] == pytest.approx(f1)


def test_a_resample_is_scored_as_its_utterances_written_out():
    predictions, labels = system(40)
    chosen = np.random.default_rng(2).integers(0, 40, 40)
    expected = score(predictions[chosen], labels[chosen])
    found = scored(predictions, labels, chosen)
    assert found == pytest.approx({name: expected[name] for name in MOSI})


def test_a_resample_of_one_repeated_utterance_has_no_correlation():
    predictions, labels = system(40)
    assert math.isnan(scored(predictions, labels, [7] * 40)["corr"])


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_the_correlation_of_tiny_and_of_huge_predictions_is_the_same(scale):
    predictions, labels = system(40)
    expected = scored(predictions, labels)["corr"]
    assert scored(predictions * scale, labels)["corr"] == pytest.approx(expected)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_system_that_has_diverged_has_no_score_and_harms_no_other(value):
    predictions, labels = system(40)
    diverged = predictions.copy()
    diverged[3] = value
    sums = summands(np.stack([diverged, predictions]), labels, kind="mosi").sum(axis=0)
    found = scores_of(sums[None], 40, kind="mosi")[:, :, 0]
    assert np.isnan(found[0]).all()
    assert found[1] == pytest.approx(list(scored(predictions, labels).values()))
