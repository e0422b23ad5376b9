"""Two runs made by hand, set side by side."""

import json
import math

import pytest
from scipy import stats

from reports.compare import compare
from reports.content.table import Estimate, Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder

WAYS = {"training.batch_size": 16}


def run(folder, name, scores, *, space=SPACE, predictions=None, **values):
    """Write a run whose confirmed configuration has test MAEs by seed; return its results.

    ``predictions`` are those of each seed, for the labels of ``LABELS``.
    """
    builder = LedgerBuilder(folder / name)
    builder.searched(0, 0.9, test=0.5)
    for seed, mae in scores.items():
        changes = {"changes": WAYS, "data_fingerprint": "d0d0"} | values
        builder.confirmed(name, 0, seed, mae, mae, **changes)
        if predictions is not None:
            predict(builder, f"c0-{seed}", predictions)
    confirm = {"top": 1, "seeds": sorted(scores)}
    return load_results(builder.write({**space, "name": name, "confirm": confirm}))


LABELS = {"a": -2.0, "b": -1.0, "c": 0.0, "d": 1.0, "e": 2.0, "f": 3.0}


def predict(builder, key, values, labels=LABELS):
    builder.rows["predictions"] += [
        {"key": key, "split": "test", "id": one, "label": label, "prediction_M": value}
        for (one, label), value in zip(labels.items(), values, strict=True)
    ]


def named(tables, name):
    return next(table for table in tables if table.name == f"compare_{name}")


def column(table, name):
    place = [column.name for column in table.columns].index(name)
    return [row[place] for row in table.rows]


def row_of(table, key):
    return next(row for row in table.rows if row[0] == Text(key))


def answers(table):
    return [cell.text for cell in column(table, "answer")]


def notes(table):
    return " ".join(note.text for note in table.notes)


THREE = {1: 0.70, 2: 0.72, 3: 0.74}


def test_the_confirmed_best_of_both_stand_side_by_side(tmp_path):
    first, second = run(tmp_path, "old", THREE), run(tmp_path, "new", {1: 0.6})
    best = named(compare(first, second), "best")
    seeds, mae = row_of(best, "seeds"), row_of(best, "MAE")
    assert [cell.value for cell in seeds[1:]] == [3, 3, 1, 1]
    assert isinstance(mae[2], Estimate)
    assert mae[2].summary.mean == pytest.approx(0.72)
    half = stats.t.ppf(0.975, 2) * 0.02 / 3**0.5  # the deviation of .70, .72, .74 is .02
    assert mae[2].summary.high - mae[2].summary.mean == pytest.approx(half)
    assert (mae[4].summary.mean, mae[4].summary.high) == (0.6, None)
    assert "old: confirmed configuration 1, chosen on validation" in notes(best)
    assert "No interval below 3 seeds. 1 seed: new." in notes(best)


def test_an_interval_that_passes_what_a_metric_can_be_is_pointed_out(tmp_path):
    first, second = run(tmp_path, "old", THREE), run(tmp_path, "new", {1: 0.1, 2: 0.9, 3: 0.1})
    assert "MAE below 0; Corr above 1;" in notes(named(compare(first, second), "best"))


def test_an_unconfirmed_search_is_stood_for_by_the_first_by_validation_not_by_test(tmp_path):
    builder = LedgerBuilder(tmp_path / "plain")
    builder.searched(0, 0.9, test=0.1)
    builder.searched(1, 0.8, test=0.7, config=json.dumps({"training": {"batch_size": 16}}))
    plain = load_results(builder.write({**SPACE, "name": "plain"}))
    best = named(compare(plain, run(tmp_path, "new", THREE)), "best")
    assert row_of(best, "MAE")[2].summary.mean == 0.7
    assert "plain: search trial 1, not confirmed" in notes(best)


def test_of_a_run_without_a_search_the_baseline_of_its_first_ablation_stands_in(tmp_path):
    builder = LedgerBuilder(tmp_path / "cells")
    builder.cell("LSTM", 1, 0.1)
    builder.cell("baseline", 1, 0.8)
    cells = load_results(builder.write({**SPACE, "name": "cells", "search": None}))
    best = named(compare(cells, run(tmp_path, "new", THREE)), "best")
    assert row_of(best, "MAE")[2].summary.mean == 0.8
    assert "cells: baseline, the baseline of the ablation modules" in notes(best)


def test_a_run_without_a_finished_trial_is_said_to_have_none_and_nothing_is_tested(tmp_path):
    empty = load_results(LedgerBuilder(tmp_path / "empty").write({**SPACE, "name": "empty"}))
    tables = compare(empty, run(tmp_path, "new", THREE))
    assert [table.name for table in tables] == ["compare_best", "compare_spaces"]
    assert row_of(tables[0], "MAE")[1] == Missing()
    assert "empty: it has no best, because nothing has finished." in notes(tables[0])


def test_spaces_and_settings_show_only_what_differs_in_full_precision(tmp_path):
    experiment = {"training": {"batch_size": 32, "x": 1.0e-7}}
    space = {**SPACE, "seeds": [1, 2], "experiment": experiment, "ablations": {}}
    first = run(tmp_path, "old", THREE, device="cpu")
    second = run(tmp_path, "new", THREE, device="cuda:0", space=space)
    tables = compare(first, second)
    assert named(tables, "spaces").rows == (
        (Text("name"), Text("old"), Text("new")),
        (Text("experiment.training.x"), Missing(), Text("1e-07")),
        (Text("ablations.modules.baseline"), Text("{}"), Missing()),
        (Text("ablations.modules.remove MRM.model.recalibration"), Text("none"), Missing()),
        (Text("ablations.modules.LSTM.model.encoder.name"), Text("lstm"), Missing()),
        (Text("seeds"), Text("[1, 2, 3]"), Text("[1, 2]")),
        (Text("trials: device"), Text("cpu"), Text("cuda:0")),
    )
    # The builder's configurations hold the name of what they confirm.
    assert named(tables, "settings").rows == ((Text("configuration"), Text("old"), Text("new")),)


def test_paired_seeds_are_tested_by_the_sign_flip_test_and_corrected(tmp_path):
    """Seven equal signs: p = 2 / 2^7 = 1/64, three metrics by Holm: 3/64 < .05."""
    seeds = range(1, 8)
    first = run(tmp_path, "old", {seed: 0.7 + 0.01 * seed for seed in seeds})
    second = run(tmp_path, "new", {seed: 0.6 + 0.012 * seed for seed in seeds})
    table = named(compare(first, second), "seeds")
    assert column(table, "seeds") == [Text("7 pairs")] * 3
    assert [cell.value for cell in column(table, "p")] == [pytest.approx(1 / 64)] * 3
    assert [cell.value for cell in column(table, "p_holm")] == [pytest.approx(3 / 64)] * 3
    mae = column(table, "difference")[0]
    assert (mae.style, mae.signed, mae.summary.count) == (Style.SCORE, True, 7)
    assert mae.summary.mean == pytest.approx(-0.1 + 0.002 * 4)
    assert answers(table) == ["new is better"] * 3
    swapped = named(compare(second, first), "seeds")
    assert answers(swapped) == ["new is better"] * 3
    assert "sign-flip" in notes(table)


def test_too_few_pairs_are_said_to_show_nothing_however_large_the_difference(tmp_path):
    first, second = run(tmp_path, "old", THREE), run(tmp_path, "new", dict.fromkeys(THREE, 0.1))
    table = named(compare(first, second), "seeds")
    assert answers(table) == ["too few seeds (3, needs 7)"] * 3
    assert "3 pairs cannot show a difference: the smallest p they can give is 0.25" in notes(table)
    assert "7 pairs can" in notes(table)
    assert "Answer: too few seeds (3, needs 7) in MAE, Corr, Acc-2" in notes(table)


@pytest.mark.parametrize("pairs", [5, 6])
def test_no_difference_is_never_said_not_to_be_shown_where_none_could_be(tmp_path, pairs):
    """Three metrics by Holm: 3 * 2 / 2^6 = .094, so six pairs are too few, seven are enough."""
    seeds = range(pairs)
    first = run(tmp_path, "old", dict.fromkeys(seeds, 0.7))
    second = run(tmp_path, "new", {seed: 0.71 - 0.02 * (seed % 2) for seed in seeds})
    table = named(compare(first, second), "seeds")
    assert answers(table) == [f"too few seeds ({pairs}, needs 7)"] * 3
    assert "7 pairs can." in notes(table)
    assert "difference shown" not in notes(table).lower()


def test_a_difference_that_is_not_shown_is_given_with_the_half_width_of_its_interval(tmp_path):
    """Differences 0.01, -0.01, ..., 0: deviation 0.01, t(0.975, 6) = 2.447."""
    first = run(tmp_path, "old", dict.fromkeys(range(7), 0.7))
    values = [0.71, 0.69, 0.71, 0.69, 0.71, 0.69, 0.70]
    second = run(tmp_path, "new", dict(enumerate(values)))
    table = named(compare(first, second), "seeds")
    assert answers(table)[0] == "no difference shown (half width 0.009)"
    assert "No difference shown does not mean no difference" in notes(table)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0], ["too few utterances"] * 2),
        ([-2.0, -1.0, 1.0, 2.0, 3.0], ["too few utterances"] * 2),
        # The label of 0 does not count in Acc-2: five are left, and 2 / 2^5 = .06.
        ([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0], ["old is better", "too few utterances"]),
        ([-2.0, -1.0, -0.5, 1.0, 2.0, 3.0], ["old is better"] * 2),  # 2 / 2^6 = .03
    ],
)
def test_both_answers_over_utterances_need_six_of_them(tmp_path, values, expected):
    """The first run is right everywhere, the second has each sign wrong."""
    sides = []
    for name, predicted in (("old", values), ("new", [-value for value in values])):
        builder = LedgerBuilder(tmp_path / name)
        for seed in range(1, 6):
            builder.confirmed(name, 0, seed, 0.7, 0.7, changes=WAYS, data_fingerprint="d0d0")
            predict(builder, f"c0-{seed}", predicted, dict(zip("abcdef", values, strict=False)))
        space = {**SPACE, "name": name, "confirm": {"top": 1, "seeds": [1, 2, 3, 4, 5]}}
        sides.append(load_results(builder.write(space)))
    table = named(compare(*sides), "utterances")
    assert answers(table) == expected
    said = "Too few utterances: an answer needs 6, whatever the metric." in notes(table)
    assert said == ("too few utterances" in expected)


def test_a_metric_without_a_test_does_not_count_for_holm_nor_for_the_pairs_it_takes(tmp_path):
    """Six equal signs: p = 2 / 2^6 = 1/32; two metrics by Holm: 1/16, which 7 pairs would halve."""
    seeds = range(1, 7)
    first = run(tmp_path, "old", dict.fromkeys(seeds, 0.7), test_corr=math.nan)
    second = run(tmp_path, "new", {seed: 0.6 + 0.01 * seed for seed in seeds})
    table = named(compare(first, second), "seeds")
    assert [cell.value for cell in column(table, "p_holm") if cell != Missing()] == [1 / 16] * 2
    assert "over the tests of this table (2)." in notes(table)
    assert "0.0625 by Holm's method. 7 pairs can." in notes(table)


@pytest.mark.slow
def test_beyond_thirteen_pairs_the_signings_are_said_to_be_drawn(tmp_path):
    many = dict.fromkeys(range(1, 15), 0.7)
    few = dict.fromkeys(range(1, 14), 0.7)
    second = run(tmp_path, "new", {seed: 0.6 + 0.01 * seed for seed in many})
    assert "9,999 sign combinations" in notes(
        named(compare(run(tmp_path, "many", many), second), "seeds")
    )
    assert "9,999" not in notes(named(compare(run(tmp_path, "few", few), second), "seeds"))


def test_a_metric_that_only_some_seeds_recorded_may_be_tested_by_welch_beside_pairs(tmp_path):
    builder = LedgerBuilder(tmp_path / "old")
    for seed in (1, 2, 3, 4):
        values = {} if seed > 2 else {"test_corr": None}
        builder.confirmed("old", 0, seed, 0.7, 0.6 + 0.01 * seed, changes=WAYS, **values)
    confirm = {"top": 1, "seeds": [1, 2, 3, 4]}
    first = load_results(builder.write({**SPACE, "name": "old", "confirm": confirm}))
    table = named(compare(first, run(tmp_path, "new", {1: 0.5, 2: 0.51, 3: 0.52})), "seeds")
    assert column(table, "seeds") == [Text("3 pairs"), Text("2 and 3"), Text("3 pairs")]
    assert "sign-flip" in notes(table)
    assert "Welch" in notes(table)


def test_seeds_that_do_not_pair_are_tested_by_welch(tmp_path):
    old = {1: 0.70, 2: 0.71, 3: 0.69, 4: 0.70, 5: 0.70}
    new = {6: 0.60, 7: 0.61, 8: 0.62, 9: 0.61, 10: 0.61}
    table = named(compare(run(tmp_path, "old", old), run(tmp_path, "new", new)), "seeds")
    expected = stats.ttest_ind(list(new.values()), list(old.values()), equal_var=False).pvalue
    assert column(table, "seeds")[0] == Text("5 and 5")
    assert column(table, "p")[0] == Number(pytest.approx(expected), Style.P_VALUE)
    assert answers(table)[0] == "new is better"
    assert "Welch" in notes(table)


def test_one_seed_on_a_side_tells_nothing(tmp_path):
    tables = compare(run(tmp_path, "old", {1: 0.5}), run(tmp_path, "new", THREE))
    table = named(tables, "seeds")
    assert answers(table) == ["too few seeds (1, needs 5)"] * 3
    assert column(table, "p") == [Missing()] * 3


def test_predictions_are_paired_by_utterance_over_as_many_seeds(tmp_path):
    """The first is off by 1 everywhere and wrong about d; the second by 0.5, wrong about none.

    Labels of 0 do not count in Acc-2 negative / positive, so 5 of 6 utterances are judged.
    """
    off = [value + 1 for value in LABELS.values()]
    off[3] = -0.0  # |1 - 0| = 1 as well
    near = [value + (0.5 if value > 0 else -0.5) for value in LABELS.values()]
    first = run(tmp_path, "old", {1: 0.7, 2: 0.7}, predictions=off)
    second = run(tmp_path, "new", {1: 0.6}, predictions=near)
    table = named(compare(first, second), "utterances")
    mae, accuracy = table.rows
    assert [cell.value for cell in mae[1:5]] == pytest.approx([6, 1.0, 0.5, -0.5])
    # b: the first predicts 0, which is not positive, hence right.
    assert [cell.value for cell in accuracy[1:5]] == pytest.approx([5, 0.8, 1.0, 0.2])
    assert [cell.value for cell in accuracy[6:9]] == [0, 1, 1.0]
    assert "one seed of each run" in notes(table)


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        (5, ["new is better", "no difference shown"]),
        (4, ["too few seeds (4, needs 5)"] * 2),
    ],
)
def test_a_clear_gain_by_utterance_is_shown_with_its_interval(tmp_path, seeds, expected):
    labels = {f"u{number}": 1.0 + number % 2 for number in range(40)}
    runs = []
    for name, errors in (("old", (0.5, 0.7)), ("new", (0.1, 0.2))):
        builder = LedgerBuilder(tmp_path / name)
        values = [label + errors[place % 3 == 0] for place, label in enumerate(labels.values())]
        for seed in range(seeds):
            builder.confirmed(name, 0, seed, 0.5, 0.5)
            predict(builder, f"c0-{seed}", values, labels)
        confirm = {"top": 1, "seeds": list(range(seeds))}
        runs.append(load_results(builder.write({**SPACE, "name": name, "confirm": confirm})))
    table = named(compare(*runs), "utterances")
    interval = column(table, "interval")[0].summary
    assert interval.low < interval.mean < interval.high < 0
    assert answers(table) == expected


@pytest.mark.parametrize(
    ("labels", "tested"),
    [(LABELS, True), ({**LABELS, "f": 2.5}, False), ({**LABELS, "g": 1.0}, False)],
)
def test_other_data_are_compared_only_where_the_test_utterances_are_the_same(
    tmp_path, labels, tested
):
    first = run(tmp_path, "old", THREE, predictions=list(LABELS.values()))
    builder = LedgerBuilder(tmp_path / "new")
    builder.confirmed("new", 0, 1, 0.5, 0.5, data_fingerprint="aligned")
    predict(builder, "c0-1", list(labels.values()), labels)
    second = load_results(builder.write({**SPACE, "name": "new"}))
    tables = compare(first, second)
    assert ("compare_utterances" in [table.name for table in tables]) == tested
    if not tested:
        assert "the test utterances or their labels differ" in notes(tables[0])
        assert "compare_seeds" not in [table.name for table in tables]
    first_note = tables[0].notes[0].text
    assert first_note.startswith("Attention: the runs read different data: old mosi ")
    assert ("cannot be compared" in first_note) != tested


def test_a_setting_is_not_tested_against_itself(tmp_path):
    same = run(tmp_path, "one", THREE)
    tables = compare(same, same)
    assert "both are the same setting" in notes(tables[0])
    assert [column.group for column in tables[0].columns[1::2]] == ["one (1)", "one (2)"]
    assert all(table.name not in ("compare_seeds", "compare_utterances") for table in tables)
    assert "There is none." in notes(named(tables, "settings"))
