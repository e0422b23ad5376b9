import math

import numpy as np
import pytest

from reports.ledger.reading.load import load_results
from reports.results.labels.human import agreement, best_labels, human_labels, label_agreements
from tests.reports.ledger_builder import LedgerBuilder, tiny_run
from tests.reports.sims_runs import SIMS_SPACE, generated, sims_rows, utterances


@pytest.fixture
def builder(tmp_path):
    """One cell of one seed with audio labels of four utterances, of which one lacks the audio."""
    builder = LedgerBuilder(tmp_path / "run", "sims")
    builder.cell("baseline", 1, 0.5, best_epoch=2)
    utterances(builder, 4)
    own = [0.5, None, -0.5, 0.0]
    for row, label in zip(builder.rows["utterances"], own, strict=True):
        row |= {"label": 0.2, "label_T": None, "label_A": label, "label_V": None}
    key = builder.rows["trials"][0]["key"]
    generated(builder, key, {2: {"A": [0.4, 9.0, 0.1, 0.1]}, 1: {"A": [0.2] * 4, "T": [0.2] * 4}})
    return builder


def results(builder):
    return load_results(builder.write(SIMS_SPACE))


def test_agreement_is_measured_by_hand():
    """Differences .1, .6, .1; of the signs + and - the first agrees, and 0 has none."""
    found = agreement(np.array([0.4, 0.1, 0.1]), np.array([0.5, -0.5, 0.0]))
    assert found.error == pytest.approx(0.8 / 3)
    assert found.same_sign == 0.5
    assert found.correlation == pytest.approx(0.15 / math.sqrt(0.06 * 0.5))


def test_a_label_of_zero_has_not_the_sign_of_a_positive_one():
    assert agreement(np.array([0.0, 0.3]), np.array([0.5, 0.5])).same_sign == 0.5


@pytest.mark.parametrize(
    ("labels", "human"), [([math.nan, 1.0], [1.0, -1.0]), ([math.inf, 1.0], [1.0, -1.0]), ([], [])]
)
def test_without_finite_labels_nothing_is_defined(labels, human):
    found = agreement(np.array(labels), np.array(human))
    assert all(map(math.isnan, (found.correlation, found.error, found.same_sign)))


def test_constant_labels_have_no_correlation_and_zeros_no_sign():
    assert math.isnan(agreement(np.full(3, 0.2), np.array([0.5, 0.1, 0.0])).correlation)
    assert math.isnan(agreement(np.array([0.2, 0.1]), np.zeros(2)).same_sign)


def test_only_utterances_with_a_human_label_of_the_modality_count(builder):
    first, second = label_agreements(results(builder))
    assert (first.task, first.utterances, first.epoch, second.epoch) == ("A", 3, 1, 2)
    assert (first.is_best, second.is_best) == (False, True)
    assert first.generated.error == first.multimodal.error == pytest.approx((0.3 + 0.7 + 0.2) / 3)
    assert second.generated.error == pytest.approx(0.8 / 3)
    assert second.multimodal == first.multimodal


def test_the_order_of_rows_does_not_matter(builder):
    builder.rows["utterances"].reverse()
    *_, second = label_agreements(results(builder))
    assert second.generated.error == pytest.approx(0.8 / 3)


def test_human_labels_of_another_file_are_not_compared(builder):
    for row in builder.rows["utterances"]:
        row["data_fingerprint"] = "other"
    found = results(builder)
    assert list(human_labels(found)) == [("other", "unaligned")]
    assert list(label_agreements(found)) == []
    assert best_labels(found) is None


def test_labels_of_fewer_utterances_than_the_corpus_has_are_left_out(builder):
    for row in builder.rows["labels"]:
        row["labels"] = row["labels"][:2]
    found = results(builder)
    assert list(label_agreements(found)) == []
    assert best_labels(found) is None


def test_other_splits_do_not_count(builder):
    utterances(builder, 9, split="test")
    assert len(human_labels(results(builder))["d0d0", "unaligned"]["A"].own) == 3


def test_without_human_labels_there_is_nothing(tmp_path):
    found = load_results(tiny_run(tmp_path))
    assert (human_labels(found), list(label_agreements(found)), best_labels(found)) == (
        {},
        [],
        None,
    )


def test_the_chosen_configuration_is_shown_at_the_best_epoch_of_each_seed(tmp_path):
    builder = sims_rows(tmp_path, seeds=(1, 2, 3))
    found = best_labels(load_results(builder.write(SIMS_SPACE)))
    assert (found.name, found.seeds) == (
        "confirmed configuration 1, chosen on validation",
        (1, 2, 3),
    )
    rows = {
        (row["key"], row["task"], row["epoch"]): row["labels"] for row in builder.rows["labels"]
    }
    for place, seed in enumerate(found.seeds):
        for task in "TAV":
            expected = rows[f"c0-{seed}", task, 2]
            assert found.generated[task][place] == pytest.approx(expected, abs=1e-6)
