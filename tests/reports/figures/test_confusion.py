import numpy as np
import pytest

from reports.figures.confusion import confusion, confusions
from reports.ledger.reading.load import load_results
from reports.results.best_system import ChosenSystem
from sugrm.metrics import score
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


def system(labels, predictions):
    return ChosenSystem(
        name="s",
        unused=(),
        seeds=(1,),
        ids=tuple(f"u{place}" for place in range(len(labels))),
        labels=np.array(labels, dtype=float),
        predictions=np.array(predictions, dtype=float),
        left_out=0,
    )


def written(tmp_path, labels, predictions, seeds=(1,)):
    """Return the figure of a confirmed configuration whose seeds all predict the same."""
    builder = LedgerBuilder(tmp_path)
    for seed in seeds:
        builder.confirmed("a", 0, seed, 0.9, 0.9)
        builder.rows["predictions"] += [
            {"key": f"c0-{seed}", "split": "test", "id": f"u{n}", "label": y, "prediction_M": p}
            for n, (y, p) in enumerate(zip(labels, predictions, strict=True))
        ]
    (figure,) = confusion(load_results(builder.write()))
    return figure


def test_seven_classes_are_clipped_and_rounded_half_to_even():
    """-3 as -3.4 is right; 0.5 and 2.5 round to 0 and 2; 1.4 is taken for 2 by 1.6."""
    seven, *_ = confusions(system([-3.0, 0.5, 2.5, 1.4], [-3.4, 0.4, 9.0, 1.6]))
    expected = np.zeros((7, 7), dtype=int)
    expected[0, 0] = expected[3, 3] = expected[5, 6] = expected[4, 5] = 1
    assert seven.counts.tolist() == expected.tolist()
    assert (seven.right, seven.total) == (2, 4)


def test_zero_is_dropped_one_way_and_non_negative_the_other_way():
    """Labels -1, 0, 1, 1; predictions 0, 0, -1, 2."""
    _, positive, nonnegative = confusions(system([-1, 0, 1, 1], [0, 0, -1, 2]))
    assert positive.counts.tolist() == [[1, 0], [1, 1]]
    assert (positive.labelled, positive.predicted) == (("< 0", "> 0"), ("≤ 0", "> 0"))
    assert nonnegative.counts.tolist() == [[0, 1], [1, 2]]


def test_labels_that_are_all_zero_have_no_negative_positive_classes():
    assert [one.title for one in confusions(system([0, 0], [1, -1]))] == [
        "Acc-7",
        "Acc-2 negative / non-negative",
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_accuracies_are_those_of_a_slow_loop(seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(-15, 16, 60) / 5
    predictions = generator.normal(0, 2, 60)
    seven, positive, nonnegative = confusions(system(labels, predictions))
    pairs = list(zip(labels.tolist(), predictions.tolist(), strict=True))
    rounded = [(round(max(-3, min(3, y))), round(max(-3, min(3, p)))) for y, p in pairs]
    assert seven.right == sum(y == p for y, p in rounded)
    signed = [(y > 0, p > 0) for y, p in pairs if y != 0]
    assert (positive.right, positive.total) == (sum(y == p for y, p in signed), len(signed))
    assert nonnegative.right == sum((y >= 0) == (p >= 0) for y, p in pairs)


def test_tiles_are_shares_of_a_row_with_counts_written_on_them(tmp_path):
    figure = written(tmp_path, [-1.0, -1.0, -1.0, -1.0, 2.0], [-1.0, -1.0, -2.0, 1.0, 2.0])
    seven, positive, _ = figure.panels
    (tiles,) = seven.marks
    assert tiles.values[2] == pytest.approx([0, 0.25, 0.5, 0, 0.25, 0, 0])
    assert tiles.texts[2] == ["0", "1", "2", "0", "1", "0", "0"]
    assert tiles.hover[2][1] == "labelled -1, predicted -2: 1 of 4 (25.0 %)"
    assert np.isnan(tiles.values[0]).all()
    assert tiles.hover[0][0] == "no utterance is labelled -3"
    assert positive.marks[0].texts == [
        ["3 (75.0 %)", "1 (25.0 %)"],
        ["0 (0.0 %)", "1 (100.0 %)"],
    ]
    assert (seven.title, seven.x.title) == ("Acc-7", "predicted: 60.0 % right")
    assert seven.y.reverse  # the first row on top
    assert figure.summary.startswith(
        "Acc-7: 3 of 5 right (60.0 %); most frequent error: label -1 predicted as -2 (1). "
        "Acc-2 negative / positive: 4 of 5 right"
    )


def test_averaged_predictions_are_said_to_be(tmp_path):
    assert "averaged" not in " ".join(written(tmp_path / "one", [1.0], [1.0]).notes)
    assert "averaged" in written(tmp_path / "two", [1.0], [1.0], seeds=(1, 2)).notes[-1]


def test_without_predictions_there_is_no_figure(tmp_path):
    assert confusion(load_results(tiny_run(tmp_path))) == ()


def test_the_classes_of_sims_hold_their_upper_border():
    labels = np.array([-0.7, -0.1, 0.1, 0.7, 0.71])
    predictions = np.array([-0.69, -0.71, 0.1, 0.0, 5.0])
    five, three, two = confusions(system(labels, predictions), "sims")
    assert (five.title, three.title, two.title) == ("Acc-5", "Acc-3", "Acc-2")
    assert np.argwhere(five.counts).tolist() == [[0, 1], [1, 0], [2, 2], [3, 2], [4, 4]]
    assert (three.right, three.total) == (4, 5)
    assert two.counts.tolist() == [[2, 0], [1, 2]]


@pytest.mark.parametrize("seed", range(3))
def test_the_accuracies_of_sims_are_those_of_the_model_package(seed):
    generator = np.random.default_rng(seed)
    labels, predictions = generator.integers(-5, 6, 60) / 5, generator.normal(0, 0.7, 60)
    expected = score(predictions, labels, metrics="sims")
    found = [each.right / each.total for each in confusions(system(labels, predictions), "sims")]
    assert found == pytest.approx([expected[f"acc{n}_sims"] for n in (5, 3, 2)])
