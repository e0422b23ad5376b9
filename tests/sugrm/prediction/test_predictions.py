import numpy as np
import pytest
from scipy import stats

from sugrm.prediction import Predictions


def floats(*values):
    return np.array(values, np.float32)


def scored(*seeds, **more):
    """Return predictions of two utterances; each seed gives the scores of M."""
    found = {seed: {"M": floats(*scores)} for seed, scores in enumerate(seeds, 1)}
    return Predictions(ids=["a", "b"], by_seed=found, **more)


def test_the_score_is_the_mean_over_the_seeds():
    assert scored((1, 2), (3, 6)).scores.tolist() == [2, 4]


def test_of_one_seed_it_is_that_score_to_the_last_bit():
    assert scored((0.1, -0.7)).scores.tolist() == floats(0.1, -0.7).tolist()


def test_the_interval_is_the_t_interval_of_the_mean():
    low, high = scored((1, 2), (2, 2), (6, 2)).interval()
    expected = stats.ttest_1samp([1, 2, 6], 0).confidence_interval(0.95)
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-5)
    assert (low[1], high[1]) == (2, 2)


def test_two_seeds_have_no_interval():
    assert scored((1, 2), (2, 2)).interval() is None
    assert list(scored((1, 2), (2, 2)).to_dict()) == ["id", "score"]


def test_an_absent_stream_has_no_score_of_its_own():
    found = Predictions(
        ids=["a", "b"],
        by_seed={1: {"M": floats(1, 2), "A": floats(3, 4)}},
        present={"A": np.array([True, False])},
    )
    columns = found.to_dict()
    assert columns["score_A"] == pytest.approx([3, np.nan], nan_ok=True)
    assert columns["score"].tolist() == [1, 2]
    assert found.to_dict(unimodal=False).keys() == {"id", "score"}


def test_columns_of_an_ensemble_with_labels():
    found = scored((1, 2), (2, 3), (3, 1), labels=floats(1, np.nan))
    names = ["id", "score", "low", "high", "score_seed1", "score_seed2", "score_seed3", "label"]
    assert list(found.to_dict(per_seed=True)) == names
    assert found.to_dict()["label"] == pytest.approx([1, np.nan], nan_ok=True)
    assert found.to_pandas().shape == (2, 5)
    assert len(found) == 2
