"""The training utterances whose predictions are kept."""

import numpy as np
import pytest

from sugrm.training.prediction_sample import SAMPLE, TABLE_5, sampled_rows, spread_over_labels

LABELS = np.random.default_rng(1).normal(size=1000).astype(np.float32)


@pytest.mark.parametrize("separator", ["$_$", "_", "["])
def test_the_utterances_of_table_5_are_kept_whatever_their_label(separator):
    """Those of the places 500 to 503 would not be taken by their label alone."""
    names = [f"u{separator}{place}" for place in range(1000)]
    names[500:504] = [
        f"{name.rpartition('_')[0]}{separator}{name.rpartition('_')[2]}" for name in TABLE_5
    ]
    if separator == "[":
        names = [f"{name}]" for name in names]
    rows = sampled_rows(names, LABELS)
    assert not set(spread_over_labels(LABELS)) >= set(range(500, 504))
    assert set(rows) >= set(range(500, 504))
    assert len(set(rows)) == len(rows) <= SAMPLE
    assert rows == sorted(rows)


def test_other_corpora_keep_utterances_spread_over_the_label():
    assert sampled_rows([f"u{place}" for place in range(1000)], LABELS) == spread_over_labels(
        LABELS
    )


def test_a_repeated_name_takes_one_place():
    names = [TABLE_5[0]] * 1000
    assert len(sampled_rows(names, LABELS)) <= SAMPLE
